"""What all tests share: one Kafka and one fork server per session, a topic prefix per test, and how many examples a
property gets."""

import gc
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import structlog
from confluent_kafka.admin import AdminClient
from hypothesis import settings

from deploy.local.environment import BrokenEnvironment
from tests.integration.exactly_once.forking import ForkServer

if TYPE_CHECKING:
    from deploy.local.kafka import LocalKafka

pytest_plugins = ["tests.time_limit"]
gc.disable()  # until all tests are collected

RUNG = pytest.StashKey[str]()

# structlog's default takes a tenth of a second or more to draw a traceback with all variables
_PLAIN = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure([*structlog.get_config()["processors"][:-1], _PLAIN])

# no deadlines: how long a test takes says nothing about what it tests
settings.register_profile("usual", deadline=None)
settings.register_profile("deep", max_examples=20_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def pytest_collection_finish() -> None:
    """Modules and tests stay. The collector looked at them again and again, which took a tenth of a run's CPU."""
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which Kafka it was: what fails on one rung may pass on another."""
    if RUNG in config.stash:
        terminalreporter.write_line(f"Kafka: {config.stash[RUNG]}")


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator["LocalKafka"]:
    """The session's broker: the first rung of the ladder that holds. It is shared, so no test may kill it."""
    from deploy.local.kafka import LocalKafka  # imports Docker's client, which few tests need

    broker = LocalKafka()
    try:
        broker.start()
    except BrokenEnvironment as error:
        pytest.exit(str(error), returncode=2)
    request.config.stash[RUNG] = broker.rung
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Starts all services and commands of the session that need no interpreter of their own."""
    with closing(ForkServer()) as server:
        yield server


@pytest.fixture
def prefix(request: pytest.FixtureRequest, kafka: "LocalKafka") -> Iterator[str]:
    """A topic prefix that no other test uses; its topics are deleted after the test."""
    words = re.sub(r"[^a-zA-Z0-9]+", "-", request.node.name).strip("-")[:40]
    unique = f"{words}-{uuid.uuid4().hex[:8]}"
    yield unique
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    topics = [name for name in admin.list_topics(timeout=60).topics if name.startswith(f"{unique}.")]
    if topics:
        for deleted in admin.delete_topics(topics).values():
            deleted.result()
