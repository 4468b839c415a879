"""What an agent does with a chunk: it makes as many units of it as the lane's unit size asks for, and ever smaller ones
if the handler fails."""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, Protocol, runtime_checkable

from faust.types import TP

from processors.engine.chunk import Chunk, named
from processors.engine.cpu_limit import TookTooLongError, within_cpu_limit
from processors.engine.errors import HandlerHaltedError, TableError, UnitFullError
from processors.engine.lanes import Lanes
from processors.engine.unit import Unit

log = logging.getLogger(__name__)


_SLICE_S: Final = 0.002
"""After so long others get the event loop once: a question for an order must not wait for thousands of records."""

_LONG_S: Final = 1.0
_REST_S: Final = 0.01
"""Pause after a step of more than ``_LONG_S``. After a pause of 0 s, the next step would come before a timer that fell
due meanwhile, such as the watchdog's."""


class Handler(Protocol):
    """Decides what follows from records; whatever it raises leaves no trace."""

    def process(self, unit: Unit) -> None:
        """Write what follows from the records of ``unit``, at least one."""

    def refuse(self, unit: Unit, error: Exception) -> None:
        """Put the only record of ``unit`` aside: ``process`` raised ``error`` on it."""


@runtime_checkable
class Stepwise(Protocol):
    """A handler that works in steps, none of which takes long: between two of them others may have the event loop."""

    def steps(self, unit: Unit) -> Iterator[None]:
        """Do what ``process`` does."""


class _LaneChangedError(Exception):
    """The unit's lane has ended since, or was opened anew: what the unit has read may be out of date."""


async def process(lanes: Lanes, chunk: Chunk, handler: Handler) -> None:
    """Commit what ``handler`` makes of each record, in order, once. Only a record on which it fails, or takes too long,
    is put aside; the lane halts if those are too many."""
    parts, slow = [chunk], set[int]()
    while parts:
        async with lanes.turn(chunk.tp):  # one tick at most comes between two units
            unit = await lanes.unit(parts.pop())
            if unit is not None:
                parts.extend(reversed(await _attempt(lanes, unit, handler, slow)))


async def _attempt(lanes: Lanes, unit: Unit, handler: Handler, slow: set[int]) -> Sequence[Chunk]:
    """Start the commit of as many of the unit's records as one unit takes; return the chunks to attempt next. ``slow``:
    offsets of records whose units took too long."""
    whole, (part, rest) = unit.chunk, unit.chunk.cut(unit.size.of(len(unit.records)))
    unit = unit.anew(part)
    try:
        await _process(lanes, unit, handler)
    except _LaneChangedError as error:
        log.info("lane %s: %s is dropped: %s", named(unit.chunk.tp), unit.chunk, error)
        unit.chunk.release()  # the lane reads on from where it stands
    except (TableError, MemoryError) as error:
        unit.give_up(error)  # not the records' fault: read them again
    except UnitFullError:
        unit.size.exceeded(len(unit.records))
        return (whole,)
    except Exception as error:
        if isinstance(error, TookTooLongError):
            await asyncio.sleep(_REST_S)  # what follows may take as long
            if not slow.issuperset(offsets := [record.offset for record in unit.records]):
                # One by one, not by halves: each attempt takes that long. A single record is tried once more: if the
                # machine was paused, its clock may count that as CPU.
                slow.update(offsets)
                return _some(*_each(part), rest)
        if len(unit.records) > 1:
            return _some(*part.cut(len(unit.records) // 2), rest)
        log.exception("%s@%s: the handler failed", named(unit.chunk.tp), unit.records[0].offset)
        if lanes.opening(unit.chunk.tp) == unit.opening:
            _refuse(unit.anew(), handler, error)
        else:
            unit.chunk.release()  # as above
    else:
        unit.commit()
    return _some(rest)


async def _process(lanes: Lanes, unit: Unit, handler: Handler) -> None:
    """Let the handler write into ``unit``; one handler of all lanes works at a time. Between two steps others have the
    event loop, and the lane may end: _LaneChangedError."""
    tp = unit.chunk.tp
    opening = lanes.opening(tp)
    async with lanes.working(tp.topic):
        _require(lanes, tp, opening)
        if not isinstance(handler, Stepwise):
            within_cpu_limit(partial(handler.process, unit))
            return
        steps, began = handler.steps(unit), time.monotonic()
        while within_cpu_limit(partial(_go_on, steps)):
            await asyncio.sleep(_REST_S if time.monotonic() - began > _LONG_S else 0)
            _require(lanes, tp, opening)
            began = time.monotonic()


def _go_on(steps: Iterator[None]) -> bool:
    """Take steps for a time slice; False: there are no more."""
    until = time.monotonic() + _SLICE_S
    return any(time.monotonic() >= until for _ in steps)


def _require(lanes: Lanes, tp: TP, opening: int | None) -> None:
    """_LaneChangedError: the lane has ended or was opened anew."""
    if opening is None or lanes.opening(tp) != opening:
        raise _LaneChangedError("the lane was closed or opened anew")


def _some(*chunks: Chunk | None) -> Sequence[Chunk]:
    return [chunk for chunk in chunks if chunk is not None]


def _each(chunk: Chunk | None) -> Iterator[Chunk]:
    """The chunk's records, each as a chunk."""
    while chunk is not None:
        first, chunk = chunk.cut(1)
        yield first


def _refuse(unit: Unit, handler: Handler, error: Exception) -> None:
    try:
        if unit.refusals.exhausted:
            raise HandlerHaltedError(_halted(unit, error, "too many records before it, too"))  # noqa: TRY301
        within_cpu_limit(partial(handler.refuse, unit, error))
    except (TableError, MemoryError, HandlerHaltedError) as reason:
        unit.give_up(reason)
    except Exception as again:
        log.exception("%s@%s: the record cannot be put aside", named(unit.chunk.tp), unit.records[0].offset)
        unit.give_up(HandlerHaltedError(_halted(unit, error, f"putting it aside ({again!r})")))
    else:
        unit.commit(refused=True)


def _halted(unit: Unit, error: Exception, also: str) -> str:
    place = f"{named(unit.chunk.tp)}@{unit.records[0].offset}"
    return f"the handler fails on {place} ({error!r}), and on {also}: deploy a version that can process it"
