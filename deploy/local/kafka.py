"""A Kafka for demo and tests. It is the first rung of a ladder that works: a named Kafka, Docker, a Java process."""

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
    """The request cannot be done with the rung that was taken."""


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
        """Check that it lets us in with the TLS and login of the settings. BrokenEnvironment: it does not."""
        try:
            asyncio.run(wait_until_it_lets_us_in(way_to_kafka(), EXTERNAL_S))
        except BrokenEnvironment as error:
            said = str(error).rstrip(".")
            raise BrokenEnvironment(f"{said}; without {NAMED} there is one of this machine.") from None

    def kill(self) -> None:
        """Raise UnsupportedByRung: this Kafka is not ours."""
        raise UnsupportedByRung(f"{self.description} is not ours to kill")

    def stop(self) -> None:
        """Leave it running."""


class LocalKafka:
    """The ladder as a context manager: `with LocalKafka() as kafka: kafka.bootstrap_servers`.

    `directory`: keeps the Java rung's data, also after the end; without it, they are removed with the broker.
    `own`: take a broker that may be killed, so never the one that BRIDGE_KAFKA_BOOTSTRAP_SERVERS names.
    `wanted`: ports to take if they are free.
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
        """The rung that was taken, described for people."""
        return f"{self._broker.description}{self._remark}, at {self.bootstrap_servers}"

    @property
    def log(self) -> Path | None:
        """The log of the broker's Java process; None on other rungs."""
        directory = self._broker.directory if isinstance(self._broker, JavaBroker) else None
        return directory / "broker.log" if directory else None

    @property
    def pid(self) -> int:
        """Process id of the broker's Java process. UnsupportedByRung: it is another rung."""
        if not isinstance(self._broker, JavaBroker):
            raise UnsupportedByRung(f"{self._broker.description} has no process id of ours")
        return self._broker.pid

    def start(self) -> None:
        """Return once Kafka answers (after `kill`: same address, same data). BrokenEnvironment: it does not."""
        try:
            self._broker.start()
        except BrokenEnvironment as error:
            # If Docker cannot get the image (no registry in reach), the next rung may still work.
            if not isinstance(self._broker, DockerBroker):
                raise
            self._broker = JavaBroker(self._directory, self._wanted)
            self._remark = f" ({error})"
            self._broker.start()

    def kill(self) -> None:
        """End the broker by SIGKILL. UnsupportedByRung: it is an external one."""
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
