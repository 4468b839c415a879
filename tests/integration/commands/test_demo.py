"""`make demo` as a user runs it, on the session's broker: the whole bridge, real events, and the proof."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import LocalKafka
from deploy.local.ports import free_ports
from deploy.local.service import Service
from tests.integration.waiting import PATIENCE

ROOT = Path(__file__).parents[3]


def workplaces() -> set[str]:
    """Directories of services, of this demo or of others. Tests that run beside these install packages there, too."""
    return {path.name for name in ("ingress", "worker") for path in (ROOT / ".local").glob(f"{name}-*")}


def local_topics(kafka: LocalKafka) -> set[str]:
    names = AdminClient({"bootstrap.servers": kafka.bootstrap_servers}).list_topics(timeout=PATIENCE).topics
    return {name for name in names if name.startswith("newstore-local-")}


def test_the_demo_balances_and_leaves_nothing_behind(kafka: LocalKafka) -> None:
    directories, topics = workplaces(), local_topics(kafka)
    environment = os.environ | {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", "demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cancelled before it was created" in done.stdout
    assert "Cancelled · nothing to fulfil" in done.stdout
    assert re.search(r"^captured EUR +[\d,]+\.\d\d", done.stdout, re.MULTILINE)
    assert "Balanced: 0 lost, 0 duplicated." in done.stdout
    assert workplaces() <= directories
    assert local_topics(kafka) <= topics


def test_a_machine_that_lacks_something_is_told_what_to_install() -> None:
    """One sentence, exit 2, and nothing is left behind."""
    directories = workplaces()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    bare = inherited | {"PATH": "/nonexistent", "DOCKER_HOST": "unix:///nonexistent"}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", "demo"],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert "install it" in sentence
    assert workplaces() <= directories


def test_a_service_that_ends_by_itself_is_quoted_and_cleaned_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRIDGE_TENANT", raising=False)
    directories = workplaces()
    with closing_service("ingress") as service, pytest.raises(BrokenEnvironment, match="BRIDGE_TENANT is required"):
        service.wait_until_ready()
    assert workplaces() <= directories


@contextmanager
def closing_service(name: str) -> Iterator[Service]:
    """A service that is stopped in the end."""
    service = Service(name, free_ports(1)[0])
    try:
        yield service
    finally:
        service.stop()
