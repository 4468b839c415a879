"""Commits the group's offset behind what was passed over, for lanes that have nothing to process.

Transaction markers and aborted records make no chunk. Once retention has deleted them, nobody could tell that they were
no records: the lane would take them for lost, and halt. A group whose offsets have expired, or were deleted, would have
none until the next record, as if nothing had been processed.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from faust.types import TP

from processors.engine.chunk import nothing
from processors.engine.lag import Reading
from processors.engine.lanes import Lanes
from processors.engine.unit import Unit

EVERY_S: Final = 10.0
"""Seconds between two commits of a lane; it commits only if there is something to pass over."""

Readings = Callable[[], Mapping[TP, Reading]]
"""How far the group consumer has read each partition of this worker."""


async def keep_passing(lanes: Lanes, readings: Readings) -> NoReturn:
    """Have all lanes pass over what there is, one after the other, until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        for tp in lanes.assigned():
            await pass_over(lanes, tp, readings)


async def pass_over(lanes: Lanes, tp: TP, readings: Readings) -> None:
    """Commit that the lane of ``tp`` stands behind what it and its consumer have passed over, if there is anything. If
    reading was interrupted, have the last record read again first."""
    async with lanes.turn(tp):
        lane, reading = await lanes.idle(tp), readings().get(tp)
        if lane is None or not lane.ready:
            return
        end = lane.next
        if reading is not None and reading.delivered <= lane.next < reading.position:
            if (first := lane.to_be_shown(reading.interruptions)) is not None:
                await lanes.consumer.place({tp: first})
                return
            end = reading.position
        if end > lane.committed:
            Unit(lane, nothing(tp, lane.committed, end), time.time_ns() // 1_000_000).commit()
