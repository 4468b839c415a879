"""Brokers that said nothing a moment ago: what any broker can tell is asked of the others first.

aiokafka asks brokers in a random order, one after the other, each for as long as a request may take. So one frozen
broker of n delays one in n questions that any other could answer.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from aiokafka.client import AIOKafkaClient

SILENT_S: Final = 1.0
"""A broker is silent if a connection to it, login included, fails after this long or later."""
REMEMBERED_S: Final = 30.0

_hosts: Final = AIOKafkaClient.hosts.fget
_silent_until: Final[dict[tuple[str, int], float]] = {}
"""Address -> until when the broker counts as silent, by `time.monotonic()`."""


def ask_silent_brokers_last() -> None:
    """Make every client of this process ask so. Idempotent."""
    AIOKafkaClient.hosts = property(_those_that_speak_first)
    AIOKafkaClient.get_random_node = _node_that_speaks


@contextmanager
def connecting(host: str, port: int) -> Iterator[None]:
    """Hold it while a connection is made: it remembers, for all clients, whether the broker says anything."""
    began = time.monotonic()
    try:
        yield
    except BaseException:  # a cancellation, too
        if time.monotonic() - began >= SILENT_S:
            _silent_until[host, port] = time.monotonic() + REMEMBERED_S
        raise
    _silent_until.pop((host, port), None)


def _is_silent(host: str, port: int) -> bool:
    return _silent_until.get((host, port), 0.0) > time.monotonic()


def _those_that_speak_first(client: Any) -> list[Any]:
    return sorted(_hosts(client), key=lambda each: _is_silent(each[0], each[1]))


def _node_that_speaks(client: Any) -> int | None:
    brokers = list(client.cluster.brokers())
    speaking = [each for each in brokers if not _is_silent(each.host, each.port)] or brokers
    return random.choice(speaking).nodeId if speaking else None  # noqa: S311 - no secret  # nosec B311
