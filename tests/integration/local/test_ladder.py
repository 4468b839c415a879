"""The ladder: which rung is taken, and what every rung that is ours can do."""

from typing import ClassVar

import pytest

from deploy.local import kafka as kafka_module
from deploy.local.environment import BrokenEnvironment
from deploy.local.kafka import NAMED, LocalKafka, UnsupportedByRung
from deploy.local.ports import free_ports
from tests.integration.local.records import make_topic, read, write


def test_the_session_broker_takes_and_gives_records(kafka: LocalKafka, prefix: str) -> None:
    """Whatever the rung: a topic can be made, written and read."""
    topic = f"{prefix}.greetings"
    make_topic(kafka.bootstrap_servers, topic)
    write(kafka.bootstrap_servers, topic, b"one", b"two")
    assert read(kafka.bootstrap_servers, topic) == [b"one", b"two"]


def test_a_killed_broker_comes_back_with_its_address_and_its_records(mortal_kafka: LocalKafka) -> None:
    """What was acknowledged before a SIGKILL is there after the next start."""
    address = mortal_kafka.bootstrap_servers
    make_topic(address, "kept")
    write(address, "kept", b"before")
    mortal_kafka.kill()
    mortal_kafka.start()
    assert mortal_kafka.bootstrap_servers == address
    write(address, "kept", b"after")
    assert read(address, "kept") == [b"before", b"after"]


class FakeRung:
    """A rung without a Kafka, which notes that it was started."""

    bootstrap_servers = "fake:1"
    started: ClassVar[list[str]] = []

    def __init__(self, *_directory: object) -> None:
        self.description = type(self).__name__

    def start(self) -> None:
        self.started.append(self.description)

    def stop(self) -> None:
        self.started.remove(self.description)


class FakeJava(FakeRung):
    """In place of JavaBroker."""


class FakeDocker(FakeRung):
    """In place of DockerBroker."""


class FakeDockerWithoutImage(FakeDocker):
    """A daemon that cannot get the image."""

    def start(self) -> None:
        raise BrokenEnvironment("no such image.")


@pytest.fixture
def ladder(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The ladder with fake rungs, no Kafka named, and a Docker daemon that answers."""
    monkeypatch.delenv(NAMED, raising=False)
    monkeypatch.setattr(kafka_module, "JavaBroker", FakeJava)
    monkeypatch.setattr(kafka_module, "DockerBroker", FakeDocker)
    monkeypatch.setattr(kafka_module, "docker_answers", lambda: True)
    monkeypatch.setattr(FakeRung, "started", [])
    return monkeypatch


def test_docker_is_taken_where_a_daemon_answers(ladder: pytest.MonkeyPatch) -> None:
    """Second rung; and the context manager stops what it started."""
    with LocalKafka() as broker:
        assert FakeRung.started == ["FakeDocker"]
        assert broker.rung == "FakeDocker, at fake:1"
    assert FakeRung.started == []


def test_java_is_taken_where_no_daemon_answers(ladder: pytest.MonkeyPatch) -> None:
    """Third rung."""
    ladder.setattr(kafka_module, "docker_answers", lambda: False)
    with LocalKafka():
        assert FakeRung.started == ["FakeJava"]


def test_java_is_taken_where_the_daemon_has_no_image(ladder: pytest.MonkeyPatch) -> None:
    """A daemon without a registry does not end the ladder, and the remark says why."""
    ladder.setattr(kafka_module, "DockerBroker", FakeDockerWithoutImage)
    with LocalKafka() as broker:
        assert FakeRung.started == ["FakeJava"]
        assert "no such image" in broker.rung


def test_a_named_kafka_is_taken_before_all_others(ladder: pytest.MonkeyPatch) -> None:
    """First rung: nothing is started."""
    ladder.setenv(NAMED, "kafka.example:9092")
    assert LocalKafka().bootstrap_servers == "kafka.example:9092"


def test_a_named_kafka_is_not_killed(ladder: pytest.MonkeyPatch) -> None:
    """It belongs to somebody else. Whoever wants to kill asks for a broker of its own, and gets one."""
    ladder.setenv(NAMED, "kafka.example:9092")
    with pytest.raises(UnsupportedByRung):
        LocalKafka().kill()
    with pytest.raises(UnsupportedByRung):
        _ = LocalKafka().pid
    assert LocalKafka(own=True).bootstrap_servers == "fake:1"


def test_a_named_kafka_that_does_not_answer_is_a_broken_environment(ladder: pytest.MonkeyPatch) -> None:
    """The sentence names the address and the variable."""
    ladder.setattr(kafka_module, "EXTERNAL_S", 0.5)
    ladder.setenv(NAMED, f"127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(BrokenEnvironment, match=rf"^No Kafka answers at 127.*; without {NAMED} there is one"):
        LocalKafka().start()
