"""Reads what a contender writes while it is being written, as a reader of committed records sees it."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from confluent_kafka import Consumer, Message, TopicPartition

from tests.programs.bench.peers.site import Site
from tests.programs.bench.peers.workloads import PARTITIONS


class Watcher(ABC):
    """Takes the committed records of topics as they come, at most `most` together. `wait` in seconds, `fetch_ms` in
    milliseconds."""

    def __init__(self, site: Site, topics: Iterable[str], *, fetch_ms: int, most: int, wait: float) -> None:
        self._most, self._wait = most, wait
        self._stopped = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": site.servers,
                "group.id": "bench-watches",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": fetch_ms,
            }
        )
        self._consumer.assign([TopicPartition(topic, each, 0) for topic in topics for each in range(PARTITIONS)])

    @contextmanager
    def reading(self) -> Iterator[Self]:
        """Read until the block ends."""
        thread = threading.Thread(target=self._read, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stopped.set()
            thread.join()
            self._consumer.close()

    @abstractmethod
    def take(self, message: Message) -> None:
        """Take a record; called in the watcher's thread."""

    def _read(self) -> None:
        while not self._stopped.is_set():
            for message in self._consumer.consume(self._most, self._wait):
                if message.error() is None:
                    self.take(message)
