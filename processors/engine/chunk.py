"""What an agent receives: all records of one partition between two log positions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aiokafka.structs import ConsumerRecord
from faust.types import TP

SMALL_RECORDS: Final = 500
SMALL_BYTES: Final = 1 << 20
"""Bytes of values. So many records and bytes of a partition may be read ahead in any number of pieces, and be processed
together."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Committed records of ``tp`` in the log interval ``[start, end)``, which includes transaction markers.

    ``start``: None if no lane has placed the consumer yet. ``release`` gives back the chunk's place in the prefetch
    queue; the caller must not call it twice. ``interruptions``: how often an error, another leader or a new connection
    interrupted the reading of the log before this chunk.
    """

    tp: TP
    start: int | None
    end: int
    records: Sequence[ConsumerRecord]
    release: Callable[[], None]
    interruptions: int = 0

    def cut(self, records: int) -> "tuple[Chunk, Chunk | None]":
        """Split off the first ``records`` records (at least one); the second chunk has the others, None if there are
        none. The last chunk releases the place of both."""
        if records >= len(self.records):
            return self, None
        border = self.records[records].offset
        return (
            replace(self, end=border, records=self.records[:records], release=_nothing),
            replace(self, start=border, records=self.records[records:]),
        )

    def joined(self, more: "Chunk", most_records: int, most_bytes: int) -> "Chunk | None":
        """This chunk and ``more``, which follows it in the log, as one chunk that releases both places. None: ``more``
        does not follow, or both together exceed the limits."""
        if (more.tp, more.start, more.interruptions) != (self.tp, self.end, self.interruptions):
            return None
        records = [*self.records, *more.records]
        if len(records) > most_records or size_of(records) > most_bytes:
            return None

        def release() -> None:
            self.release()
            more.release()

        return replace(self, end=more.end, records=records, release=release)

    def continues(self, offset: int) -> bool:
        """Whether the chunk's first record is the log's first from ``offset`` on; False if it has no records. What lies
        between its start and ``offset`` may have been passed over before."""
        return bool(self.records) and self.start is not None and self.start <= offset <= self.records[0].offset

    def __str__(self) -> str:
        return f"[{self.start}, {self.end})"

    def behind_first(self, start: int) -> "Chunk":
        """The chunk without its first record, from ``start`` on; it may have no record."""
        return replace(self, start=start, records=self.records[1:])


def named(tp: tuple[str, int]) -> str:
    """A partition's name for people: ``topic/partition``."""
    topic, partition = tp
    return f"{topic}/{partition}"


def size_of(records: Iterable[ConsumerRecord]) -> int:
    """Bytes of the records' values."""
    return sum([len(record.value or b"") for record in records])


def nothing(tp: TP, start: int, end: int) -> Chunk:
    """A chunk of a log interval without records, for a unit that no record causes."""
    return Chunk(tp, start, end, (), _nothing)


def _nothing() -> None:
    """Another chunk releases the place, or there is none."""
