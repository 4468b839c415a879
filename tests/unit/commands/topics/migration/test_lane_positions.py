"""What the lanes' changelog says of raw, and when raw is no longer the log that it speaks of."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from bridge.kafka.reading import Offsets
from bridge.settings import Settings
from commands.topics.migration import lane_positions
from commands.topics.migration.lane_positions import processed_by_lanes
from processors.engine.position import Position
from processors.engine.store import POSITION

SETTINGS = Settings(tenant="acme", partitions=1)
RAW, SEEN = (TopicPartition(topic, 0) for topic in (SETTINGS.topics.raw, SETTINGS.topics.dedupe_changelog))
TIME = 1_700_000_000_000


async def processed(monkeypatch: pytest.MonkeyPatch, *positions: Position, raw: range, time: int = TIME) -> Offsets:
    """`processed_by_lanes`, if the changelog has these positions in turn, among rows of events."""
    rows = [(b"order.created/o-1", b"?"), *((POSITION, each.encode()) for each in positions), (b"o-2", None)]
    logs = {
        SEEN: [ConsumerRecord("", 0, n, TIME, 0, key, value, None, 0, 0, ()) for n, (key, value) in enumerate(rows)],
        RAW: [ConsumerRecord("", 0, offset, time, 0, None, b"{}", None, 0, 0, ()) for offset in raw],
    }

    async def bounds(_: Any, of: list[TopicPartition]) -> tuple[Offsets, Offsets]:
        return dict.fromkeys(of, 0), {each: len(logs[each]) for each in of}

    async def read_range(_: Any, starts: Offsets, ends: Offsets) -> AsyncIterator[Sequence[ConsumerRecord]]:
        for each, start in starts.items():
            if inside := [record for record in logs[each] if start <= record.offset < ends[each]]:
                yield inside

    monkeypatch.setattr(lane_positions, "bounds", bounds)
    monkeypatch.setattr(lane_positions, "read_range", read_range)
    counts, unused = {SEEN.topic: 1, RAW.topic: 1}, Any
    bounds_of_raw = {RAW: raw.start}, {RAW: raw.stop}
    return await processed_by_lanes(SETTINGS, unused, counts, *bounds_of_raw)


async def test_it_is_the_last_position_of_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await processed(monkeypatch, Position(4, 3, TIME), Position(9, 8, TIME), raw=range(3, 9)) == {RAW: 9}
    assert await processed(monkeypatch, raw=range(3, 9)) == {}


@pytest.mark.parametrize("position", [Position(9), Position(9, 8, TIME)], ids=["of a migration", "of a lane"])
async def test_where_retention_has_deleted_the_last_record_there_is_nothing_to_compare(
    monkeypatch: pytest.MonkeyPatch, position: Position
) -> None:
    assert await processed(monkeypatch, position, raw=range(9, 12), time=TIME + 1) == {RAW: 9}


@pytest.mark.parametrize(
    ("raw", "time"), [(range(5), TIME), (range(20), TIME + 1), (range(9), TIME + 1)], ids=["short", "grown", "as long"]
)
async def test_of_a_raw_that_was_made_anew_it_says_nothing(
    monkeypatch: pytest.MonkeyPatch, raw: range, time: int
) -> None:
    """Events that no worker has seen would count as processed, and be lost."""
    assert await processed(monkeypatch, Position(9, 8, TIME), raw=raw, time=time) == {}


async def test_a_position_that_names_no_record_is_none_of_records_that_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A migration has set the position."""
    assert await processed(monkeypatch, Position(9), raw=range(9), time=TIME + 1) == {}
