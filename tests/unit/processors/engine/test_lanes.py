"""What a lane does with chunks that do not begin where it stands, without Kafka."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.lanes import Lanes
from processors.engine.options import EngineOptions
from tests.unit.processors.engine.records import record
from tests.unit.processors.engine.test_lane import SOURCE, Silent


class Placed:
    """Takes the consumer's place: notes where it is to read on."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    async def place(self, offsets: Mapping[TP, int]) -> None:
        self.offsets += offsets.values()


@pytest.mark.parametrize(
    ("start", "end", "placed"),
    [
        (10, 20, []),  # known already, and what follows begins where the lane stands
        (10, 15, [20]),
        (10, 25, [20]),  # its end is new, and nothing else would bring it
        (22, 25, [20]),
        (None, 25, [20]),
    ],
)
async def test_what_a_chunk_has_of_new_records_is_read_again(
    tmp_path: Path, start: int | None, end: int, placed: list[int]
) -> None:
    options = EngineOptions("group", {"bootstrap_servers": ["nowhere:1"]}, tmp_path, (), "http://localhost")
    lanes = Lanes({SOURCE.topic: ()}, {}, options, Silent())
    consumer: Any = Placed()
    lanes.consumer = consumer
    lane = lanes._lanes[SOURCE] = lanes._new_lane(SOURCE)
    lane.start_at(20, None)
    released: list[bool] = []
    chunk = Chunk(SOURCE, start, end, [record(start or 24)], lambda: released.append(True))
    assert await lanes.unit(chunk) is None
    assert (consumer.offsets, released) == (placed, [True])


async def test_nothing_is_opened_once_the_lanes_were_stopped(tmp_path: Path) -> None:
    """An assignment was under way: lanes that nobody closes any more would fence those of the next app."""
    options = EngineOptions("group", {"bootstrap_servers": ["nowhere:1"]}, tmp_path, (), "http://localhost")
    lanes = Lanes({SOURCE.topic: ()}, {}, options, Silent())
    opening = asyncio.create_task(lanes.open_all([SOURCE]))
    await asyncio.sleep(0)
    await lanes.stop()
    await opening
    assert lanes.assigned() == {}
