"""`make demo` as a user runs it, on the session's broker: the whole bridge, real events, and the proof."""

import os
import subprocess
import sys
from pathlib import Path

from confluent_kafka.admin import AdminClient

from deploy.local.kafka import LocalKafka

ROOT = Path(__file__).parents[3]


def workplaces() -> set[str]:
    """Directories of services, of this demo or of others."""
    return {path.name for path in (ROOT / ".local").glob("*-*")}


def local_topics(kafka: LocalKafka) -> set[str]:
    names = AdminClient({"bootstrap.servers": kafka.bootstrap_servers}).list_topics(timeout=10).topics
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
    assert "Balanced: 0 lost, 0 duplicated." in done.stdout
    assert workplaces() <= directories
    assert local_topics(kafka) <= topics
