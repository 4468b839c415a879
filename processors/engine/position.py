"""Where a lane stands, and where it starts to read."""

from typing import Final, NamedTuple, Self

from faust.types import TP

from processors.engine.chunk import named
from processors.engine.continuity import Last
from processors.engine.errors import LaneHaltedError

_MARK: Final = "lane"


class Position(NamedTuple):
    """``next``: source offset to go on from. ``last``, ``timestamp``: offset and time (ms) of the last record before
    it, by which the log is recognised; None if a migration has set the position."""

    next: int
    last: int | None = None
    timestamp: int | None = None

    def last_within(self, begin: int, end: int) -> Last | None:
        """The last record, if a log that holds ``[begin, end)`` still has it."""
        if self.last is None or self.timestamp is None or not begin <= self.last < end:
            return None
        return Last(self.last, self.timestamp)

    def encode(self) -> bytes:
        """The position as a row's value."""
        return b" ".join(b"%d" % number for number in self if number is not None)

    @classmethod
    def decode(cls, row: bytes) -> Self:
        """Read a row's value. ValueError: it is no position."""
        return cls(*map(int, row.split()))


class Committed(NamedTuple):
    """The group's offset. ``by_lane``: a lane committed it, together with its position; else an operator set it.
    ``at``: the time (ms) of the last record before it, if a lane has told it."""

    offset: int
    by_lane: bool = False
    at: int | None = None

    @staticmethod
    def mark(at: int) -> str:
        """The text that a lane commits beside an offset."""
        return f"{_MARK} {at}"

    @classmethod
    def read(cls, offset: int, mark: str) -> Self:
        """From an offset and the text beside it."""
        name, _, at = mark.partition(" ")
        return cls(offset, name == _MARK, int(at) if name == _MARK and at.isdecimal() else None)


def start_offset(
    tp: TP, position: int | None, committed: Committed | None, begin: int, end: int, forgotten: int | None = None
) -> int:
    """Next offset to process. LaneHaltedError: records in between were lost, or the changelog has lost its end.

    ``position`` is the changelog's, ``committed`` the group's. A lane writes both in one transaction. They differ only
    if the group's has expired, could not be read, or was set by an operator to skip something; or if the changelog
    forgets: rows from before the time ``forgotten`` (ms) may be gone. ``[begin, end)`` is what the log holds.
    """
    skipped_to = committed.offset if committed is not None else None
    if committed is not None and _is_lacking(position, committed, forgotten):
        raise LaneHaltedError(
            f"{named(tp)}: records up to {committed.offset} were processed, but the changelog knows of none after "
            f"{position or 0}: Kafka has lost its end, and what it lacks would pass twice; the group's offset, set to "
            f"{committed.offset} by hand, lets the lane go on and forget that: docs/engine.md#when-a-lane-halts"
        )
    known = [offset for offset in (position, skipped_to) if offset is not None]
    if not known:
        return begin
    start = max(known)
    if start < begin:
        raise LaneHaltedError(
            f"{named(tp)}: records {start} to {begin - 1} were deleted before they were processed (retention "
            f"is too short, or the worker stood still too long); to go on without them set the group's offset to "
            f"{begin}; whether they can come again depends on the topic: docs/engine.md#when-a-lane-halts"
        )
    if start > end:
        raise LaneHaltedError(
            f"{named(tp)} ends at {end}, but records up to {start} were processed: Kafka has lost records or the topic "
            "was replaced"
        )
    return start


def passed_over(position: int | None, committed: Committed | None, begin: int) -> range:
    """Offsets that the lane at ``position`` goes past because somebody other than a lane has set the group's offset
    behind them. A lane without a position goes past all from the log's ``begin`` on."""
    if committed is None or committed.by_lane:
        return range(0)
    return range(begin if position is None else position, committed.offset)


def _is_lacking(position: int | None, committed: Committed, forgotten: int | None) -> bool:
    """Whether the changelog should have a later position."""
    if not committed.by_lane or committed.offset <= (position or 0):
        return False
    return forgotten is None or committed.at is None or committed.at >= forgotten
