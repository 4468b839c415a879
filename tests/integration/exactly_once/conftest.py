"""Deployments for the tests of this folder; what their services logged is shown when a test fails."""

import contextlib
import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.answers import wait_until_it_answers
from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.forking import ForkServer

_ANSWERS_S = 2.0
"""Within this a broker that runs does; one that does not is started again, whatever the test before made of it."""


@pytest.fixture
def deployment(kafka: LocalKafka, prefix: str, tmp_path: Path, fork_server: ForkServer) -> Iterator[Deployment]:
    """On the session's broker."""
    with closing(Deployment(kafka.bootstrap_servers, prefix, tmp_path, start=fork_server.start)) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def second_kafka() -> Iterator[LocalKafka]:
    """For all tests of a file that need a broker to kill: it starts again sooner than a new one, and one that nobody
    uses takes a sixtieth of a core for as long as it is there."""
    with LocalKafka(own=True) as broker:
        yield broker
        _kill(broker)  # a frozen one would not stop in order


@pytest.fixture
def mortal_kafka(second_kafka: LocalKafka) -> LocalKafka:
    """A broker that the test may kill or freeze."""
    if not wait_until_it_answers(second_kafka.bootstrap_servers, _ANSWERS_S):
        _kill(second_kafka)
        second_kafka.start()
    return second_kafka


def _kill(broker: LocalKafka) -> None:
    with contextlib.suppress(ProcessLookupError):  # a test has done it
        broker.kill()


@pytest.fixture
def mortal_deployment(mortal_kafka: LocalKafka, tmp_path: Path, fork_server: ForkServer) -> Iterator[Deployment]:
    """On the broker that may be killed."""
    prefix = f"t-{uuid.uuid4().hex[:8]}"
    with closing(Deployment(mortal_kafka.bootstrap_servers, prefix, tmp_path, start=fork_server.start)) as deployment:
        yield deployment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the tails of the services' logs to the report of a failure."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for deployment in item.funcargs.values():
            if isinstance(deployment, Deployment):
                report.sections += [(f"end of {name}", text) for name, text in deployment.logs().items()]
    return report
