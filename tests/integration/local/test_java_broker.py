"""The Java process on this machine leaves when asked to, and when its starter is gone."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import broker as broker_module
from deploy.local.broker import JavaBroker
from deploy.local.environment import BrokenEnvironment
from deploy.local.ports import free_ports
from tests.integration.local.records import make_topic, read, write

ROOT = Path(__file__).parents[3]
STARTER = """\
import time
from deploy.local.broker import JavaBroker
broker = JavaBroker()
broker.start()
print(broker.pid, broker.directory, flush=True)
time.sleep(600)
"""


def process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it becomes true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds


def test_stop_leaves_neither_process_nor_directory() -> None:
    """Also when called twice."""
    broker = JavaBroker()
    broker.start()
    pid, directory = broker.pid, broker.directory
    assert process_exists(pid)
    assert directory is not None
    assert directory.exists()
    broker.stop()
    broker.stop()
    assert not process_exists(pid)
    assert not directory.exists()


def test_a_directory_that_was_asked_for_keeps_its_records(tmp_path: Path) -> None:
    """Another broker, started on it later, has them."""
    first = JavaBroker(tmp_path / "kafka")
    first.start()
    make_topic(first.bootstrap_servers, "kept")
    write(first.bootstrap_servers, "kept", b"here")
    first.stop()
    second = JavaBroker(tmp_path / "kafka")
    second.start()
    try:
        assert read(second.bootstrap_servers, "kept") == [b"here"]
    finally:
        second.stop()


def test_a_starter_that_was_killed_leaves_no_broker() -> None:
    """SIGKILL gives the starter no chance to clean up; the keeper does it."""
    with subprocess.Popen([sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        said = starter.stdout.readline().split()
        starter.kill()
    pid, directory = int(said[0]), Path(said[1])
    assert eventually(lambda: not process_exists(pid))
    assert eventually(lambda: not directory.exists())


def test_a_start_that_fails_leaves_nothing_and_quotes_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the port is taken."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr(broker_module, "free_ports", lambda count, _wanted=(): [taken, *free_ports(count - 1)])
        broker = JavaBroker()
        with pytest.raises(BrokenEnvironment, match=r"Kafka did not start; it said: .*Address already in use"):
            broker.start()
    assert broker.directory is not None
    assert not broker.directory.exists()
    with pytest.raises(RuntimeError):
        _ = broker.pid


FAKE_JAVA = """\
#!/bin/sh
case "$*" in *StorageTool*)
    mkdir log
    echo "$0" >log/bootstrap.checkpoint
    grep ^node.id= server.properties >log/meta.properties
esac
echo "$*" >>called
"""


def test_only_the_first_broker_ever_takes_a_jvm_to_format_its_storage(tmp_path: Path) -> None:
    """What it wrote serves a node of any number. Nobody formats what was formatted."""
    java, jars = tmp_path / "java", str(tmp_path / "jars")
    java.write_text(FAKE_JAVA)
    java.chmod(0o755)
    called = {}
    for number in (1, 2):
        directory = tmp_path / f"broker-{number}"
        directory.mkdir()
        (directory / "server.properties").write_text(f"node.id={number}\n")
        for _ in range(2):
            subprocess.run(
                ["/bin/sh", "-c", broker_module.SCRIPT, java, jars, "a-cluster", ""], cwd=directory, check=True
            )
        called[number] = [line.count("StorageTool") for line in (directory / "called").read_text().splitlines()]
        assert (directory / "log/bootstrap.checkpoint").read_text() == f"{java}\n"
        assert f"node.id={number}\n" in (directory / "log/meta.properties").read_text()
    assert called == {1: [1, 0, 0], 2: [0, 0]}
    assert "cluster.id=a-cluster\n" in (tmp_path / "broker-2/log/meta.properties").read_text()
