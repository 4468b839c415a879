"""Compares a sample of raw records with the models of their events, in the background."""

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Final, Protocol, TypeVar

from bridge import metrics
from bridge.log import get_logger
from bridge.metrics.service import event_label
from schemas.event_shape import shape_of
from schemas.masks import is_field
from schemas.models.deviations import Deviation, Kind

log = get_logger(__name__)

_MOST_FIELDS: Final = 200
_MOST_BODY_BYTES: Final = 256 * 1024
"""A larger body would keep the event loop for tens of milliseconds, and is left out."""
_MOST_WAITING_BYTES: Final = 16 << 20

T = TypeVar("T")

_LONGEST: Final = 1e18  # the smallest shares would give infinity


class Sample:
    """Takes each element with the probability `share` (over 0, at most 1), whatever its place and its neighbours.

    It draws how many elements to pass over, not a number for each, so only taken elements cost time.
    """

    def __init__(self, share: float, random: Random) -> None:
        self._share, self._random = share, random
        self._next = self._gap()

    def of(self, piece: Sequence[T]) -> list[T]:
        """The elements taken from the next piece, in its order."""
        taken = []
        while self._next < len(piece):
            taken.append(piece[self._next])
            self._next += 1 + self._gap()
        self._next -= len(piece)
        return taken

    def _gap(self) -> int:
        if self._share >= 1:
            return 0
        return int(min(_LONGEST, math.log(1 - self._random.random()) / math.log1p(-self._share)))


class Record(Protocol):
    """What is read of a raw record."""

    value: bytes | None


class FieldLabels:
    """Values of the label `field`. Senders choose the names of unknown fields, so only `most` of them get a series."""

    def __init__(self, most: int = _MOST_FIELDS) -> None:
        self._most = most
        self._given: set[tuple[str, str]] = set()

    def label(self, event: str, deviation: Deviation) -> str:
        """The field's path; `other` for unknown fields beyond the limit, and for those whose names may be data, which
        masked bodies hide, too: nobody needs a key to read metrics."""
        field = deviation.field
        if deviation.kind is not Kind.UNKNOWN_FIELD or (event, field) in self._given:
            return field
        if len(self._given) >= self._most or not is_field(field.rpartition(".")[2]):
            return "other"
        self._given.add((event, field))
        return field


_labels: Final = FieldLabels()
"""The process has one, as it has one metric: the app may be built anew."""


class ShapeCheck:
    """Counts the deviations in a sample. A failure here is logged and changes nothing else."""

    def __init__(self, sample: Sample, labels: FieldLabels = _labels) -> None:
        self._sample, self._labels = sample, labels
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._task: asyncio.Task[None] | None = None

    def take(self, records: Sequence[Record]) -> None:
        """Sample records of a committed chunk. They are looked at later, between the event loop's other work."""
        bodies = [body for record in self._sample.of(records) if (body := record.value or b"")]
        bodies = [body for body in bodies if len(body) <= _MOST_BODY_BYTES]
        size = sum(map(len, bodies))
        if self._waiting_bytes + size > _MOST_WAITING_BYTES:
            log.warning("shapes of events come faster than they can be looked at; some are left out")
            return
        self._waiting.extend(bodies)
        self._waiting_bytes += size
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._waiting:
            body = self._waiting.popleft()
            self._waiting_bytes -= len(body)
            try:
                self._count(body)
            except Exception:
                log.exception("the shape of an event could not be looked at")
            await asyncio.sleep(0)

    def _count(self, body: bytes) -> None:
        shape = shape_of(body)
        event = event_label(shape.name)
        for deviation in shape.deviations:
            if deviation.kind is not Kind.UNDOCUMENTED_FIELD:
                field = self._labels.label(event, deviation)
                metrics.shape_deviations_total.labels(event, field, deviation.kind).inc()
