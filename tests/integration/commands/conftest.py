"""Commands in this process, on a prefix of their own on the session's broker."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bridge.settings import Settings
from commands.app import app
from deploy.local.kafka import LocalKafka
from tests.integration.commands.broker import Broker
from tests.integration.commands.records import ByHand
from tests.integration.commands.shelves import Shelves
from tests.integration.exactly_once.command import Command
from tests.integration.exactly_once.forking import ForkServer

Run = Callable[..., Result]
Backfill = Callable[..., Command]


@pytest.fixture
def settings(kafka: LocalKafka, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a deployment with two partitions. The environment says the same to commands."""
    for name in os.environ:
        if name.startswith("BRIDGE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BRIDGE_TENANT", "acme")
    monkeypatch.setenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    monkeypatch.setenv("BRIDGE_TOPIC_PREFIX", prefix)
    monkeypatch.setenv("BRIDGE_PARTITIONS", "2")
    return Settings()


@pytest.fixture
def bridge(settings: Settings) -> Run:
    """`bridge("topics", "check", partitions="4")`: run a command, with these settings changed."""

    def run(*arguments: str, **changed: str) -> Result:
        environment = {f"BRIDGE_{name.upper()}": value for name, value in changed.items()}
        return CliRunner().invoke(app, list(arguments), env=environment)

    return run


@pytest.fixture
def backfill(fork_server: ForkServer) -> Iterator[Backfill]:
    """`backfill(file, fault=...)`: `bridge backfill --yes -o json` as a process, with the settings that the environment
    then has. ``fault``: see `command_faults`."""
    with ExitStack() as stack:

        def run(*arguments: str | Path, fault: str | None = None) -> Command:
            settings = {name: value for name, value in os.environ.items() if name.startswith("BRIDGE_")}
            faults = {} if fault is None else {"BRIDGE_TEST_COMMAND_FAULT": fault}
            given = ["backfill", "--yes", "-o", "json", *map(str, arguments)]
            command = Command(settings | faults, given, fork_server.start)
            stack.callback(command.end)
            return command

        yield run


@pytest.fixture
def broker(settings: Settings) -> Broker:
    """Topics as they really are."""
    return Broker(settings)


@pytest.fixture
def applied(bridge: Run) -> None:
    """A deployment that has been set up."""
    assert bridge("topics", "apply", "--yes").exit_code == 0


@pytest.fixture
def hand(bridge: Run, settings: Settings) -> ByHand:
    """A deployment whose topics are empty."""
    assert bridge("topics", "apply", "--yes").exit_code == 0
    return ByHand(settings)


@pytest.fixture
def shelves(bridge: Run, settings: Settings) -> Shelves:
    """A deployment whose topics are empty."""
    assert bridge("topics", "apply", "--yes").exit_code == 0
    return Shelves(settings)
