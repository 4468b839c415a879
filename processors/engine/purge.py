"""Deletes rows that have had their time, in small steps beside the units."""

import asyncio
import logging
import time
from typing import NoReturn

from processors.engine.chunk import named
from processors.engine.errors import TableDamagedError
from processors.engine.lane import Lane
from processors.engine.lanes import Lanes
from processors.engine.observer import Observer

log = logging.getLogger(__name__)

_IDLE_S = 10.0
_PAUSE_S = 0.02
"""After each step, so that a purge takes a tenth of the event loop; it still deletes some 10,000 rows a second."""


async def keep_purging(lanes: Lanes) -> NoReturn:
    """Purge the tables of all lanes that run, until cancelled."""
    while True:
        for lane in lanes.assigned().values():
            for name in lane.tables:
                await _purge(lane, name, lanes.observer)
        await asyncio.sleep(_IDLE_S)


async def _purge(lane: Lane, name: str, observer: Observer) -> None:
    """Purge a table until nothing is due or the lane has stopped."""
    while lane.ready:
        try:
            rows = lane.tables[name].purge(time.time_ns() // 1_000_000)
        except TableDamagedError as error:
            lane.fail(error)
            return
        except Exception:  # the disk; units find out for themselves, and rows that stay change no verdict
            log.exception("lane %s: table %s was not purged", named(lane.tp), name)
            return
        if rows is None:
            return
        observer.purged(name, rows)
        await asyncio.sleep(_PAUSE_S)
