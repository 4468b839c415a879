"""What an agent receives: all records of one partition between two log positions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aiokafka.structs import ConsumerRecord
from faust.types import TP

SMALL_RECORDS: Final = 500
SMALL_BYTES: Final = 1 << 20
"""Of values. So much may be read ahead of a partition in whatever pieces, and be processed together."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Committed records of ``tp`` in the log interval ``[start, end)``, transaction markers included.

    ``start`` is None when the consumer has not been placed by a lane yet. ``release`` gives the chunk's
    place in the prefetch queue back; calling it twice is an error of the caller. ``interruptions``: how often reading
    the log was interrupted before this chunk, by an error, another leader or a new connection.
    """

    tp: TP
    start: int | None
    end: int
    records: Sequence[ConsumerRecord]
    release: Callable[[], None]
    interruptions: int = 0

    def cut(self, records: int) -> "tuple[Chunk, Chunk | None]":
        """Its first so many records (at least one) as a chunk, and one behind it of the others, if there are any. The
        last one releases the place of both.
        """
        if records >= len(self.records):
            return self, None
        border = self.records[records].offset
        return (
            replace(self, end=border, records=self.records[:records], release=_nothing),
            replace(self, start=border, records=self.records[records:]),
        )

    def joined(self, more: "Chunk", most_records: int, most_bytes: int) -> "Chunk | None":
        """This one and what follows it in the log, as one chunk; None: that does not follow, or would be more than
        this together. It releases the places of both.
        """
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
        """Whether it has records, and the first one from ``offset`` on is the first of them. What lies between its
        start and that one may have been passed over before."""
        return bool(self.records) and self.start is not None and self.start <= offset <= self.records[0].offset

    def __str__(self) -> str:
        return f"[{self.start}, {self.end})"

    def behind_first(self, start: int) -> "Chunk":
        """The chunk without its first record, from ``start`` on; it may have no record."""
        return replace(self, start=start, records=self.records[1:])


def named(tp: tuple[str, int]) -> str:
    """A partition, as people are told of it: ``topic/partition``."""
    topic, partition = tp
    return f"{topic}/{partition}"


def size_of(records: Iterable[ConsumerRecord]) -> int:
    """Bytes of their values."""
    return sum([len(record.value or b"") for record in records])


def nothing(tp: TP, start: int, end: int) -> Chunk:
    """An interval of the log without any record: for a unit that no record causes."""
    return Chunk(tp, start, end, (), _nothing)


def _nothing() -> None:
    """The other one's affair, or nobody's."""
