"""Export files as NewStore writes them, and what `bridge backfill` makes of them."""

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bridge.settings import Settings
from tests.integration.commands.records import order_event
from tests.integration.waiting import wait_until
from tests.programs.checker.reading import TopicReader
from tests.programs.checker.record import Record


def event(number: int) -> bytes:
    """One line that is an event; no two numbers give the same."""
    return order_event(random.Random(number).choice(("order.created", "order.opened")), f"o{number}", note=number)


def written(path: Path, lines: Iterable[bytes]) -> Path:
    """An export file of these lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def mixed_lines(count: int, seed: int) -> list[bytes]:
    """Mostly events; some lines that are no event, all different, and some `temp`."""
    rng = random.Random(seed)
    kinds = rng.choices((event, lambda number: b"bad %d" % number, lambda _: b"temp"), (90, 6, 4), k=count)
    return [kind(number) for number, kind in enumerate(kinds)]


class Topics:
    """Committed records of a deployment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def raw(self) -> list[Record]:
        """What a worker would read."""
        return self._read(self._settings.topics.raw)

    @property
    def quarantine(self) -> list[Record]:
        """Lines that are no event."""
        return self._read(self._settings.topics.quarantine)

    def bodies(self) -> Counter[bytes | None]:
        """How often each body is in raw."""
        return Counter(record.value for record in self.raw)

    def bad_lines(self) -> Counter[tuple[bytes | None, int]]:
        """How often each body was quarantined, by line."""
        return Counter((record.value, int(record.headers["bridge_error_line"])) for record in self.quarantine)

    def written(self) -> int:
        """Records in raw, of unfinished transactions too."""
        reader = self._reader()
        try:
            partitions = reader.partitions(self._settings.topics.raw)
            return sum(reader.ends(partitions, committed=False).values())
        finally:
            reader.close()

    def _read(self, topic: str) -> list[Record]:
        reader = self._reader()
        try:
            partitions = reader.partitions(topic)
            # Kafka answers a commit, or its end, before it ends the transaction in each partition.
            wait_until(
                f"no transaction is open in {topic}",
                lambda: reader.ends(partitions, committed=True) == reader.ends(partitions, committed=False),
            )
            return reader.read(reader.begins(partitions))
        finally:
            reader.close()

    def _reader(self) -> TopicReader:
        return TopicReader(self._settings.kafka_bootstrap_servers[0], "looks-only")
