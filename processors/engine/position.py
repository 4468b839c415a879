"""Where a lane stands, and where it starts to read."""

from typing import NamedTuple, Self

from faust.types import TP

from processors.engine.errors import LaneHaltedError


class Position(NamedTuple):
    """``next``: source offset to go on from. ``last``, ``timestamp``: offset and time (ms) of the last record before
    it, by which the log is known again; None where a migration has set the position.
    """

    next: int
    last: int | None = None
    timestamp: int | None = None

    def last_within(self, begin: int, end: int) -> int | None:
        """``last``, if a log that holds ``[begin, end)`` still has it."""
        return self.last if self.last is not None and begin <= self.last < end else None

    def encode(self) -> bytes:
        """As a row's value."""
        return b" ".join(b"%d" % number for number in self if number is not None)

    @classmethod
    def decode(cls, row: bytes) -> Self:
        """ValueError: it is no position."""
        return cls(*map(int, row.split()))


def start_offset(tp: TP, position: int | None, committed: int | None, begin: int, end: int) -> int:
    """Next offset to process.

    ``position`` is the changelog's, ``committed`` the group's; both are written by the same transaction, so they
    differ only when the group's has expired, could not be read, or was set by an operator to skip something.
    ``[begin, end)`` is what the log holds. Raises LaneHaltedError when records between were lost.
    """
    known = [offset for offset in (position, committed) if offset is not None]
    if not known:
        return begin
    start = max(known)
    if start < begin:
        raise LaneHaltedError(
            f"{tp}: records {start} to {begin - 1} were deleted before they were processed (retention is too short, "
            f"or the worker stood still too long); to go on without them set the group's offset to {begin}"
        )
    if start > end:
        raise LaneHaltedError(
            f"{tp} ends at {end}, but records up to {start} were processed: Kafka has lost records or the topic "
            "was replaced"
        )
    return start


def check_last(tp: TP, position: Position, timestamp: int | None) -> None:
    """LaneHaltedError unless the log's record at ``position.last`` has the time of the one that was processed.

    A log that has lost its end, or was replaced, grows again: soon it is as long as it was, with other records.
    """
    if timestamp != position.timestamp:
        raise LaneHaltedError(
            f"{tp}: record {position.last} is not the one that was processed, so unknown ones lie before it: Kafka has "
            "lost records or the topic was replaced"
        )
