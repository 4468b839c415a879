"""Kafka as a container: the official image, run by testcontainers."""

import os
import socket
from collections.abc import Iterable

import docker
from docker.errors import DockerException
from testcontainers.community.kafka import KafkaContainer
from testcontainers.core.docker_client import get_docker_host

from deploy.local.answers import wait_until_it_answers
from deploy.local.environment import BrokenEnvironment
from deploy.local.ports import free_ports
from deploy.local.properties import container_environment

IMAGE = "apache/kafka:4.2.2"
START_S = 90
PING_S = 2
DEFAULT_HOST = "unix:///var/run/docker.sock"


def docker_answers() -> bool:
    """Whether a Docker daemon answers at the address that testcontainers would use."""
    host = get_docker_host() or DEFAULT_HOST
    if host.startswith("unix://") and not _listens(host.removeprefix("unix://")):
        return False  # docker's client would find this out too, but leave a socket open
    try:
        client = docker.from_env(timeout=PING_S, environment={**os.environ, "DOCKER_HOST": host})
    except DockerException:
        return False
    try:
        return bool(client.ping())
    except (DockerException, OSError):
        return False
    finally:
        client.close()


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


class ApacheKafka(KafkaContainer):  # type: ignore[misc] # its base is untyped
    """testcontainers' Kafka for the official image, whose start script is not Confluent's."""

    def __init__(self, host_port: int) -> None:
        super().__init__(IMAGE, wait_strategy_check_string=r".*Kafka Server started.*")
        # We choose the port: Docker would choose another when the container starts again.
        self.with_bind_ports(self.port, host_port)

    def configure(self) -> None:
        """Add the settings of a KRaft node, with testcontainers' own listeners."""
        environment = {
            "CLUSTER_ID": self.cluster_id,
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_LISTENERS": f"{self.listeners},CONTROLLER://localhost:9094",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": f"{self.security_protocol_map},CONTROLLER:PLAINTEXT",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9094",
            **container_environment(),
        }
        for name, value in environment.items():
            self.with_env(name, value)

    def tc_start(self) -> None:
        """Give the container the script it waits for, now that the address to advertise is known."""
        advertised = f"{self.listener_name}://{self.get_bootstrap_server()},BROKER://localhost:9092"
        script = f"export KAFKA_ADVERTISED_LISTENERS={advertised}\nexec /etc/kafka/docker/run\n"
        self.create_file(script.encode(), self.TC_START_SCRIPT)


class DockerBroker:
    """One broker in a container, removed with its data by `stop`.

    `start` after `kill` uses the same port and data. If we die, testcontainers' reaper removes the container.
    """

    description = f"Docker container of {IMAGE}"

    def __init__(self, wanted: Iterable[int] = ()) -> None:
        self._wanted = wanted
        self._container: ApacheKafka | None = None
        self._bootstrap_servers = ""

    @property
    def bootstrap_servers(self) -> str:
        return self._bootstrap_servers

    def start(self) -> None:
        """Return once the broker answers. BrokenEnvironment: it does not, and no container is left."""
        try:
            self._start()
            self._await_answer()
        except (DockerException, TimeoutError) as error:
            self.stop()
            raise BrokenEnvironment(f"Docker could not run {IMAGE}: {error}") from error
        except BaseException:
            self.stop()
            raise

    def kill(self) -> None:
        """End the broker by SIGKILL; the container waits for `start`."""
        container = self._started().get_wrapped_container()
        container.kill()
        container.wait()

    def stop(self) -> None:
        """Remove the container. A second call does nothing."""
        if self._container is not None:
            self._container.stop()
            self._container = None

    def _start(self) -> None:
        if self._container is not None:
            self._container.get_wrapped_container().start()
            return
        self._container = ApacheKafka(free_ports(1, self._wanted)[0])
        self._container.start(timeout=START_S)
        self._bootstrap_servers = self._container.get_bootstrap_server()

    def _await_answer(self) -> None:
        if not wait_until_it_answers(self.bootstrap_servers, START_S):
            raise BrokenEnvironment(f"{IMAGE} does not answer at {self.bootstrap_servers}.")

    def _started(self) -> ApacheKafka:
        if self._container is None:
            raise RuntimeError("the broker was not started")
        return self._container
