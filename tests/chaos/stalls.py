"""What a consumer of the cleaned topics lives through: how long an event was under way before it could be read."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from tests.checker.names import CLEANED, Names


class Watcher:
    """``longest`` is the most seconds between an event's receipt and its being readable with ``read_committed``."""

    def __init__(self, bootstrap_servers: str, names: Names, partitions: int) -> None:
        self.longest = 0.0
        self.read = 0
        self._stop = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": "chaos-watcher",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 100,
                "reconnect.backoff.max.ms": 200,
                "log_level": 0,
            }
        )
        topics = [names.topic(dataset) for dataset in CLEANED]
        self._consumer.assign(
            [TopicPartition(topic, number, OFFSET_BEGINNING) for topic in topics for number in range(partitions)]
        )

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Until the end of the block."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
            self._consumer.close()

    def _watch(self) -> None:
        while not self._stop.is_set():
            now = time.time()
            for message in self._consumer.consume(1000, 0.2):
                if message.error() is None:
                    self.read += 1
                    self.longest = max(self.longest, now - message.timestamp()[1] / 1000)
