"""What an agent does with a chunk: as many units as its lane's size makes of it, and ever smaller ones where its
handler fails."""

import logging
from collections.abc import Sequence
from typing import Protocol

from processors.engine.chunk import Chunk
from processors.engine.errors import HandlerHaltedError, TableError, UnitFullError
from processors.engine.lanes import Lanes
from processors.engine.unit import Unit

log = logging.getLogger(__name__)


class Handler(Protocol):
    """Decides; whatever it raises leaves no trace. Synchronous, so that no lane changes hands meanwhile."""

    def process(self, unit: Unit) -> None:
        """Write what follows from the records of ``unit``, of which there is at least one."""

    def refuse(self, unit: Unit, error: Exception) -> None:
        """Put the only record of ``unit`` aside: ``process`` raised ``error`` on it."""


async def process(lanes: Lanes, chunk: Chunk, handler: Handler) -> None:
    """Commit what ``handler`` makes of each record, in order, once. A record on which it fails is put aside, and no
    other; the lane halts when those are too many."""
    parts = [chunk]
    while parts:
        async with lanes.turn(chunk.tp):  # one tick at most comes between two units
            unit = await lanes.unit(parts.pop())
            if unit is not None:
                parts.extend(reversed(_attempt(unit, handler)))


def _attempt(unit: Unit, handler: Handler) -> Sequence[Chunk]:
    """Start the commit of as many of a unit's records as one takes; returns what is to be attempted next."""
    whole, (part, rest) = unit.chunk, unit.chunk.cut(unit.size.of(len(unit.records)))
    unit = unit.anew(part)
    try:
        handler.process(unit)
    except (TableError, MemoryError) as error:
        unit.give_up(error)  # not the records' fault: read them again
    except UnitFullError:
        unit.size.exceeded(len(unit.records))
        return (whole,)
    except Exception as error:
        if len(unit.records) > 1:
            return _some(*part.cut(len(unit.records) // 2), rest)
        log.exception("%s@%s: the handler failed", unit.chunk.tp, unit.records[0].offset)
        _refuse(unit.anew(), handler, error)
    else:
        unit.commit()
    return _some(rest)


def _some(*chunks: Chunk | None) -> Sequence[Chunk]:
    return [chunk for chunk in chunks if chunk is not None]


def _refuse(unit: Unit, handler: Handler, error: Exception) -> None:
    try:
        if unit.refusals.exhausted:
            raise HandlerHaltedError(_halted(unit, error, "too many records before it, too"))  # noqa: TRY301
        handler.refuse(unit, error)
    except (TableError, MemoryError, HandlerHaltedError) as reason:
        unit.give_up(reason)
    except Exception as again:
        log.exception("%s@%s: the record cannot be put aside", unit.chunk.tp, unit.records[0].offset)
        unit.give_up(HandlerHaltedError(_halted(unit, error, f"putting it aside ({again!r})")))
    else:
        unit.commit(refused=True)


def _halted(unit: Unit, error: Exception, also: str) -> str:
    place = f"{unit.chunk.tp.topic}/{unit.partition}@{unit.records[0].offset}"
    return f"the handler fails on {place} ({error!r}), and on {also}: deploy a version that can process it"
