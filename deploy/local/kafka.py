"""A Kafka for demo and tests, from the first rung that holds: one that is named, Docker, a Java process."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from deploy.local.broker import JavaBroker
from deploy.local.container import DockerBroker, docker_answers
from deploy.local.environment import BrokenEnvironment
from deploy.local.external import wait_until_it_lets_us_in, way_to_kafka

NAMED = "BRIDGE_KAFKA_BOOTSTRAP_SERVERS"
EXTERNAL_S = 10.0


class UnsupportedByRung(Exception):  # noqa: N818 - says what it is
    """What was asked for cannot be done to the Kafka that the ladder took."""


class Broker(Protocol):
    """What each rung offers."""

    description: str

    @property
    def bootstrap_servers(self) -> str: ...
    def start(self) -> None: ...
    def kill(self) -> None: ...
    def stop(self) -> None: ...


class ExternalKafka:
    """A Kafka that somebody else runs: used, never stopped."""

    description = f"the Kafka named by {NAMED}"

    def __init__(self, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers

    def start(self) -> None:
        """Check that it lets us in, by TLS and login of the settings; raises BrokenEnvironment."""
        try:
            asyncio.run(wait_until_it_lets_us_in(way_to_kafka(), EXTERNAL_S))
        except BrokenEnvironment as error:
            said = str(error).rstrip(".")
            raise BrokenEnvironment(f"{said}; without {NAMED} there is one of this machine.") from None

    def kill(self) -> None:
        """Not ours to kill."""
        raise UnsupportedByRung(f"{self.description} is not ours to kill")

    def stop(self) -> None:
        """Leave it running."""


class LocalKafka:
    """The ladder as a context manager: `with LocalKafka() as kafka: kafka.bootstrap_servers`.

    `directory`: where the Java rung keeps its data, also after the end; without it data go with the broker.
    `own`: a broker that may be killed, so never the one named by BRIDGE_KAFKA_BOOTSTRAP_SERVERS.
    `wanted`: ports that it takes if they are free.
    """

    def __init__(self, directory: Path | None = None, *, own: bool = False, wanted: Iterable[int] = ()) -> None:
        self._directory, self._wanted = directory, tuple(wanted)
        self._broker: Broker = self._first_rung(own=own)
        self._remark = ""

    @property
    def bootstrap_servers(self) -> str:
        return self._broker.bootstrap_servers

    @property
    def rung(self) -> str:
        """What the ladder took, for people to read."""
        return f"{self._broker.description}{self._remark}, at {self.bootstrap_servers}"

    @property
    def log(self) -> Path | None:
        """What the broker's Java process writes; None where it is not ours."""
        directory = self._broker.directory if isinstance(self._broker, JavaBroker) else None
        return directory / "broker.log" if directory else None

    @property
    def pid(self) -> int:
        """Process id of the broker's Java process; raises UnsupportedByRung where it is not ours."""
        if not isinstance(self._broker, JavaBroker):
            raise UnsupportedByRung(f"{self._broker.description} has no process id of ours")
        return self._broker.pid

    def start(self) -> None:
        """Return once Kafka answers (after `kill`: same address, same data); raises BrokenEnvironment."""
        try:
            self._broker.start()
        except BrokenEnvironment as error:
            # A daemon that cannot get the image (no registry in reach) must not end the ladder.
            if not isinstance(self._broker, DockerBroker):
                raise
            self._broker = JavaBroker(self._directory, self._wanted)
            self._remark = f" ({error})"
            self._broker.start()

    def kill(self) -> None:
        """End the broker by SIGKILL; raises UnsupportedByRung for an external one."""
        self._broker.kill()

    def stop(self) -> None:
        """Stop what was started here. A second call does nothing."""
        self._broker.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _first_rung(self, *, own: bool) -> Broker:
        named = os.environ.get(NAMED)
        if named and not own:
            return ExternalKafka(named)
        return DockerBroker(self._wanted) if docker_answers() else JavaBroker(self._directory, self._wanted)
