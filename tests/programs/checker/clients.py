"""Kafka clients of a library that the bridge does not use. They are replaced when what they know may be outdated."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

_BETWEEN = 0.1
"""Seconds between two questions."""

PATIENCE = 120.0
"""Seconds to wait for a broker that can answer; other work may have the machine's cores."""

COMES_UP: Final = frozenset(
    {  # a coordinator, or a partition's new leader
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_CONTROLLER,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError._NOENT,  # no partition has a leader just now
        KafkaError._WAIT_COORD,
        KafkaError._TIMED_OUT,
        KafkaError._TIMED_OUT_QUEUE,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
    }
)
"""Errors that say that the broker which has to answer is not there yet, or that the client asked another one."""

T = TypeVar("T")


class Clients:
    """`admin` asks about topics and logs. `group` asks about a group's offsets without being a member of it.

    A client remembers a leader's epoch and a group's coordinator. It may go on to use them, whatever it is answered; a
    new client asks for them again.
    """

    def __init__(self, bootstrap_servers: str, group: str = "none") -> None:
        self._settings = {"bootstrap.servers": bootstrap_servers, "reconnect.backoff.max.ms": 200, "log_level": 0}
        self._group = group
        self._connect()

    def _connect(self) -> None:
        self.admin = AdminClient(self._settings)
        # With read_committed a client asks again, ever more slowly, until no transaction holds an offset. If one
        # transaction follows another, that takes seconds.
        self.group = self.consumer({"isolation.level": "read_uncommitted"})

    def consumer(self, settings: dict[str, object]) -> Consumer:
        """Another consumer, which the caller has to close. It commits nothing."""
        return Consumer({**self._settings, "group.id": self._group, "enable.auto.commit": False, **settings})

    def renew(self) -> None:
        """Replace the clients by new ones."""
        self.close()
        self._connect()

    def close(self) -> None:
        """Release the clients."""
        self.group.close()

    def answer(self, ask: Callable[[], T], patience: float = PATIENCE) -> T:
        """What Kafka answers. `ask` uses the clients as they are at each call. KafkaException: an error outside
        COMES_UP, or one of these still after `patience` seconds. TimeoutError: not even an error came by then."""
        deadline = time.monotonic() + patience
        while True:
            try:
                return ask()
            except (KafkaException, TimeoutError) as error:
                if not _comes_up(error) or time.monotonic() > deadline:
                    raise
            time.sleep(_BETWEEN)
            self.renew()


def _comes_up(error: KafkaException | TimeoutError) -> bool:
    return isinstance(error, TimeoutError) or error.args[0].code() in COMES_UP
