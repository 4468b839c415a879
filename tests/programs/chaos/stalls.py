"""What a consumer of the cleaned topics sees: how long it waits for events that the bridge has received."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from tests.programs.checker.names import CLEANED, Names


class Watcher:
    """Reads with `read_committed`.

    A stall: seconds without anything new in a partition, though an event that belongs there was received.
    `longest_delay`: the most seconds from an event's receipt until it can be read, with all that was received before
    it. So it grows when more comes in than goes out.
    """

    def __init__(self, bootstrap_servers: str, names: Names, partitions: int) -> None:
        self._longest_stall = self.longest_delay = 0.0
        self._last: dict[tuple[str, int], float] = {}
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
        """Watch until the end of the block."""
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
            messages = self._consumer.consume(1000, 0.2)
            now = time.time()
            for message in messages:
                if message.error() is None:
                    self.saw(message.topic(), message.partition(), message.timestamp()[1] / 1000, now)

    def take_longest_stall(self) -> float:
        """The longest stall (seconds) since the last call; a stall counts where it ends."""
        longest, self._longest_stall = self._longest_stall, 0.0
        return longest

    def saw(self, topic: str, partition: int, received: float, now: float) -> None:
        """Note that an event `received` then can be read `now`; both in seconds since 1970."""
        waited_since = max(received, self._last.get((topic, partition), received))
        self._last[topic, partition] = now
        self._longest_stall = max(self._longest_stall, now - waited_since)
        self.longest_delay = max(self.longest_delay, now - received)
