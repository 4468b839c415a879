"""Reading kept records, without joining a group."""

from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from bridge.kafka.reading import Offsets, Source, at_time, bounds, partitions, read_range
from bridge.settings import Settings
from commands.evidence.kept import Kept
from commands.evidence.raw_bodies import RawBodies
from commands.terminal.progress import OnProgress
from schemas.headers import ERROR_REASON, ERROR_STAGE


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions on records, all of which must hold. None, or no places: any. `since_ms`: received then or later."""

    places: frozenset[Source] = frozenset()
    reason: str | None = None
    stage: str | None = None
    event: str | None = None
    since_ms: int | None = None

    def takes(self, kept: Kept) -> bool:
        """Whether a record is selected."""
        return self.may_take(kept) and (self.event is None or kept.event() == self.event)

    def may_take(self, kept: Kept) -> bool:
        """The same, without looking at the body."""
        return (
            (not self.places or kept.place in self.places)
            and (self.reason is None or kept.text(ERROR_REASON) == self.reason)
            and (self.stage is None or kept.text(ERROR_STAGE) == self.stage)
            and (self.since_ms is None or kept.timestamp >= self.since_ms)
        )


def unheard(_: int) -> None:
    """An OnProgress that shows nothing."""


async def selected(
    consumer: AIOKafkaConsumer, settings: Settings, topic: str, selection: Selection, on_read: OnProgress
) -> AsyncGenerator[Kept, None]:
    """The selected records of a topic up to its present end, each partition's in order. A worker's stub has the whole
    body, if raw still has it."""
    starts, ends = await bounds(consumer, partitions(settings, [topic]))
    if selection.since_ms is not None:
        starts = await at_time(consumer, selection.since_ms, starts, ends)
    if selection.places:
        starts, ends = _around(selection.places, starts, ends)
    async with AsyncExitStack() as closing, aclosing(read_range(consumer, starts, ends)) as batches:
        bodies = RawBodies(settings, closing)
        async for records in batches:
            on_read(len(records))
            for record in records:
                kept = Kept.of(record)
                # Before raw is asked: a body there may have 40 MiB, and only selected ones are wanted.
                if selection.may_take(kept) and selection.takes(whole := await bodies.whole(kept)):
                    yield whole


def _around(places: Collection[Source], starts: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """The narrowest bounds around these places."""
    offsets = _by_partition(places)
    wanted = [partition for partition in starts if partition.partition in offsets]
    return (
        {p: max(starts[p], min(offsets[p.partition])) for p in wanted},
        {p: min(ends[p], max(offsets[p.partition]) + 1) for p in wanted},
    )


def _by_partition(places: Iterable[Source]) -> dict[int, list[int]]:
    offsets: dict[int, list[int]] = {}
    for place in places:
        offsets.setdefault(place.partition, []).append(place.offset)
    return offsets
