"""Checks that a source partition is still the log whose records were processed."""

from dataclasses import dataclass
from typing import NamedTuple

from faust.types import TP

from processors.engine.chunk import Chunk, named
from processors.engine.errors import LaneHaltedError


class Last(NamedTuple):
    """The record that was processed last: its offset, and its time in milliseconds."""

    offset: int
    timestamp: int


@dataclass(slots=True)
class Continuity:
    """Wherever reading was interrupted, the log may have lost its end and grown again, as long as before but with other
    records. So it is read from the last processed record on, which must come first.

    Without ``last`` there is nothing to compare with: nothing was processed, or retention has deleted the record.
    """

    tp: TP
    last: Last | None = None
    _interruptions: int | None = None
    """``interruptions`` of the chunk that has shown the last record."""

    def is_broken_by(self, chunk: Chunk) -> bool:
        """Whether reading was interrupted between the last check and ``chunk``."""
        if self.last is None:
            self._interruptions = chunk.interruptions
        return not self.holds(chunk.interruptions)

    def holds(self, interruptions: int) -> bool:
        """Whether the log is still the checked one: there are as many ``interruptions`` as at the last check."""
        return interruptions == self._interruptions

    def is_shown_by(self, chunk: Chunk) -> bool:
        """Whether ``chunk`` begins with the last processed record.

        LaneHaltedError: it begins at that record's offset, with another record.
        """
        if self.last is None or chunk.start != self.last.offset:
            return False
        first = chunk.records[0]
        check_last(self.tp, self.last, Last(first.offset, first.timestamp))
        self._interruptions = chunk.interruptions
        return True


def check_last(tp: TP, last: Last, found: Last) -> None:
    """LaneHaltedError unless ``found``, the first record from ``last.offset`` on, is the one that was processed."""
    if found != last:
        raise LaneHaltedError(
            f"{named(tp)}: record {last.offset} is not the one that was processed, so unknown ones lie before it: "
            "Kafka has lost records or the topic was replaced"
        )
