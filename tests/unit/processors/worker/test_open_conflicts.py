"""Which conflicts count as open, with a topic and tables that hold what the tests want."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from faust.types import TP
from structlog.testing import capture_logs

from bridge.kafka.partitioner import partition_for
from bridge.kafka.words import in_words
from bridge.metrics import worker
from bridge.settings import Settings
from processors.dedupe.decision import accepted_key
from processors.worker import open_conflicts
from processors.worker.open_conflicts import OpenConflicts
from schemas.headers import RULES

SETTINGS = Settings(tenant="acme", partitions=2)
TABLE = SETTINGS.key_table
DOCUMENTED, GUESSED = "order.created", "order.opened"
HOME = partition_for(DOCUMENTED.encode(), 2)
NOW = time.time_ns() // 1_000_000
RETENTION_MS = SETTINGS.dedupe_retention // timedelta(milliseconds=1)


class Kafka:
    """The conflicts topic: each partition is a list of records, by offset."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.partitions: dict[int, list[Any]] = {0: [], 1: []}
        self.away, self.counted = False, 0
        self._assigned: dict[Any, int] = {}
        self.fetched: list[int] = []
        """Offsets of all partitions, in the order in which they were read."""

        @asynccontextmanager
        async def reader(_settings: Settings, _fetch_bytes: int) -> AsyncIterator[Kafka]:
            yield self

        async def sleep(_seconds: float) -> None:
            self.counted += bool(_seconds)
            await real(0)

        real = asyncio.sleep
        monkeypatch.setattr(open_conflicts, "reader", reader)
        monkeypatch.setattr("processors.worker.open_conflicts.asyncio.sleep", sleep)

    def add(self, name: str, *, partition: int = HOME, at: int = NOW, rules: str | None = None) -> int:
        """Returns the offset."""
        records = self.partitions[partition]
        version = (rules or TABLE.version(name)).encode()
        record = SimpleNamespace(
            partition=partition, offset=len(records), timestamp=at, key=name.encode(), headers=((RULES, version),)
        )
        records.append(record)
        return len(records) - 1

    async def beginning_offsets(self, of: Sequence[Any]) -> dict[Any, int]:
        return dict.fromkeys(of, 0)

    async def end_offsets(self, of: Sequence[Any]) -> dict[Any, int]:
        if self.away:
            raise KafkaConnectionError
        return {tp: len(self.partitions[tp.partition]) for tp in of}

    def assign(self, tps: Sequence[Any]) -> None:
        self._assigned = dict.fromkeys(tps, 0)

    def seek(self, tp: Any, offset: int) -> None:
        self._assigned[tp] = offset

    async def getmany(self, *tps: Any, **_limits: int) -> dict[Any, list[Any]]:
        found = {tp: self.partitions[tp.partition][self._assigned[tp] :] for tp in tps}
        self._assigned = {tp: len(self.partitions[tp.partition]) for tp in tps}
        self.fetched += [record.offset for records in found.values() for record in records]
        return found

    async def position(self, tp: Any) -> int:
        return self._assigned[tp]


class Lanes:
    """Lanes of all partitions, or of `owned`."""

    def __init__(self) -> None:
        self.owned, self.rows = {0, 1}, dict[bytes, bytes]()
        self.opening, self.is_broken = set[int](), False

    def assigned(self) -> dict[TP, object]:
        lanes: dict[TP, object] = {TP(SETTINGS.topics.raw, number): self for number in self.owned}
        return lanes | {TP(SETTINGS.topics.orders, number): self for number in self.owned}

    def table(self, name: str, tp: TP) -> Any:
        assert (name, tp.topic) == ("seen", SETTINGS.topics.raw)
        return self if tp.partition in self.owned - self.opening else None

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        if self.is_broken:
            raise Exception("Corruption: bad block")  # noqa: TRY002 - RocksDB's bindings raise just that
        return [self.rows.get(key) for key in keys]


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    return Kafka(monkeypatch)


async def counted(kafka: Kafka, lanes: Lanes, *changes: Any) -> list[float | None]:
    """What the metric says at first, and after each change."""
    running = asyncio.create_task(OpenConflicts(SETTINGS, TABLE).run(lanes))

    async def told() -> float | None:
        seen = kafka.counted
        while kafka.counted < seen + 2:
            await asyncio.sleep(0)
            assert not running.done(), running.exception()
        return worker.registry.get_sample_value("bridge_conflicts_open")

    try:
        found = [await told()]
        for change in changes:
            change()
            found.append(await told())
        return found
    finally:
        running.cancel()
        await asyncio.wait({running})
        assert worker.registry.get_sample_value("bridge_conflicts_open") is None, "nobody looks any more"


async def test_what_is_held_back_counts_until_it_is_accepted(kafka: Kafka) -> None:
    lanes = Lanes()
    offset = kafka.add(DOCUMENTED)
    accept = lambda: lanes.rows.update({accepted_key(b"%d:%d" % (HOME, offset)): b"row"})  # noqa: E731
    assert await counted(kafka, lanes, lambda: kafka.add(DOCUMENTED), accept) == [1, 2, 1]


async def test_what_was_passed_on_or_decided_by_other_rules_or_is_too_old_does_not_count(kafka: Kafka) -> None:
    kafka.add(GUESSED, partition=partition_for(GUESSED.encode(), 2))
    kafka.add(DOCUMENTED, rules="others")
    kafka.add(DOCUMENTED, at=NOW - RETENTION_MS)
    kafka.add(DOCUMENTED, partition=1 - HOME)  # from before the count of partitions was changed
    assert await counted(kafka, Lanes()) == [0]
    kafka.add(DOCUMENTED, at=NOW - RETENTION_MS + 3_600_000)
    assert await counted(kafka, Lanes()) == [1]


async def test_each_worker_counts_its_own_partitions_and_without_any_there_is_no_number(kafka: Kafka) -> None:
    lanes = Lanes()
    kafka.add(DOCUMENTED)
    others, none = lambda: lanes.owned.discard(HOME), lanes.owned.clear
    assert await counted(kafka, lanes, others, none, lambda: lanes.owned.add(HOME)) == [1, 0, None, 1]


async def test_only_the_newest_are_looked_at(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_conflicts, "MOST", 3)
    for _ in range(5):
        kafka.add(DOCUMENTED)
    assert await counted(kafka, Lanes(), lambda: kafka.add(DOCUMENTED)) == [3, 3]
    assert kafka.fetched == [2, 3, 4, 5], "those, and each once"


async def test_in_a_topic_that_was_made_anew_all_are_looked_at(kafka: Kafka) -> None:
    for _ in range(3):
        kafka.add(DOCUMENTED)

    def make_anew() -> None:
        kafka.partitions[HOME].clear()
        kafka.add(DOCUMENTED)

    assert await counted(kafka, Lanes(), make_anew, lambda: kafka.add(DOCUMENTED)) == [3, 1, 2]


async def test_while_kafka_is_away_there_is_no_number(kafka: Kafka) -> None:
    kafka.add(DOCUMENTED)

    def away() -> None:
        kafka.away = True

    with capture_logs() as lines:
        assert await counted(kafka, Lanes(), away) == [1, None]
    assert {line["error"] for line in lines} == {in_words(KafkaConnectionError(), SETTINGS)}


async def test_while_a_lane_is_not_open_what_was_known_of_it_counts_on(kafka: Kafka) -> None:
    """A lane halts for long. Without what was known, the alert took its conflicts for accepted, and for new ones later
    on."""
    lanes = Lanes()
    kafka.add(DOCUMENTED)
    halts = lambda: lanes.opening.add(HOME)  # noqa: E731
    assert await counted(kafka, lanes, halts, lanes.opening.clear) == [1, 1, 1]


async def test_a_lane_without_conflicts_hides_none_of_the_others_while_it_is_not_open(kafka: Kafka) -> None:
    lanes = Lanes()
    lanes.opening.add(1 - HOME)
    assert await counted(kafka, lanes, lambda: kafka.add(DOCUMENTED)) == [0, 1]


async def test_while_a_lane_has_conflicts_and_was_not_open_yet_there_is_no_number(kafka: Kafka) -> None:
    lanes = Lanes()
    lanes.opening.add(HOME)
    kafka.add(DOCUMENTED)
    assert await counted(kafka, lanes, lanes.opening.clear) == [None, 1]


async def test_what_was_known_of_a_lane_that_another_worker_has_run_meanwhile_is_forgotten(kafka: Kafka) -> None:
    lanes = Lanes()
    kafka.add(DOCUMENTED)

    def comes_back() -> None:
        lanes.owned.add(HOME)
        lanes.opening.add(HOME)

    assert await counted(kafka, lanes, lambda: lanes.owned.discard(HOME), comes_back) == [1, 0, None]


async def test_a_table_that_cannot_be_read_ends_no_worker(kafka: Kafka) -> None:
    lanes = Lanes()
    kafka.add(DOCUMENTED)

    def read(*, fails: bool) -> None:
        lanes.is_broken = fails

    assert await counted(kafka, lanes, partial(read, fails=True), partial(read, fails=False)) == [1, None, 1]
