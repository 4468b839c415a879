"""Work that no record causes: a lane does it between the units of its records, or while there are none."""

import asyncio
import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Final, NoReturn, Protocol, runtime_checkable

from faust.types import TP

from processors.engine.chunk import named
from processors.engine.cpu_limit import TookTooLongError, within_cpu_limit
from processors.engine.errors import TableError, UnitFullError
from processors.engine.lanes import Lanes
from processors.engine.unit import Unit

log = logging.getLogger(__name__)

TICK_S: Final = 1.0
_PAUSE_S: Final = 0.02
"""Pause if there is more to do at once: a tick that writes nothing waits for nothing else."""
_LONG_PAUSE_S: Final = 60.0
"""Pause after a tick that was given up because it kept the event loop for too long: it would do so again."""
_REST_S: Final = 0.05
"""No lane ticks for so long after it: several such ticks in a row, and the watchdog would end the process."""


@runtime_checkable
class Ticking(Protocol):
    """A handler that has work which no record causes."""

    def tick(self, unit: Unit, now_ms: int) -> bool:
        """Write what is due at ``now_ms``: one thing, and more while ``unit``, which has no records, has room.

        Returns whether there is more to do at once. Put what the handler has to remember into `unit.on_commit`, which
        is called even if there was nothing to write.
        """


async def keep_ticking(lanes: Lanes, handlers: Mapping[str, Ticking]) -> NoReturn:
    """Tick the lanes of all source topics in ``handlers``, each lane by itself, until cancelled."""
    known, rest = set[TP](), _Rest()
    async with asyncio.TaskGroup() as group:
        while True:
            for tp in {tp for tp in lanes.assigned() if tp.topic in handlers} - known:
                group.create_task(_keep_ticking(lanes, tp, handlers[tp.topic], rest), name=f"ticks of {named(tp)}")
                known.add(tp)
            await asyncio.sleep(TICK_S)


class _Rest:
    """No lane ticks before ``until`` (``time.monotonic()``)."""

    until = 0.0


async def _keep_ticking(lanes: Lanes, tp: TP, handler: Ticking, rest: _Rest) -> NoReturn:
    while True:
        if (left := rest.until - time.monotonic()) > 0:
            await asyncio.sleep(left)
            continue
        try:
            pause = _PAUSE_S if await tick(lanes, tp, handler) else TICK_S
        except TookTooLongError:
            pause, rest.until = _LONG_PAUSE_S, time.monotonic() + _REST_S
        await asyncio.sleep(pause)


async def tick(lanes: Lanes, tp: TP, handler: Ticking) -> bool:
    """Do what is due in the lane of ``tp``, if it is ready; return whether there is more to do at once.

    TookTooLongError: nothing was done. Other errors are not raised; nothing was done either.
    """
    async with lanes.turn(tp):
        unit = await lanes.empty_unit(tp)
        return unit is not None and _attempt(unit, handler)


def _attempt(unit: Unit, handler: Ticking) -> bool:
    try:
        more = within_cpu_limit(partial(handler.tick, unit, unit.timestamp))
    except (TableError, MemoryError) as error:
        unit.give_up(error)  # as with records: the table has to be opened anew
        return False
    except UnitFullError:
        unit.size.exceeded(0)
        return True
    except Exception as error:  # it says nothing about the records, which go on; readiness counts what comes through
        log.exception("lane %s: what is due could not be done", named(unit.chunk.tp))
        if isinstance(error, TookTooLongError):
            raise
        return False
    if unit.batches:
        unit.commit()
    else:
        unit.committed()
    return more
