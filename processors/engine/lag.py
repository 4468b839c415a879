"""How much of a log a lane has still to process."""

from typing import NamedTuple


class Reading(NamedTuple):
    """How far the group consumer has read a partition.

    ``delivered``: end of its last chunk, or where a lane has placed it since. ``position``: where its next fetch
    begins; only transaction markers and aborted records lie in between. ``stable_end``: as its last fetch told.
    ``interruptions``: those of a `Chunk` that it would make now.
    """

    delivered: int
    position: int
    stable_end: int = 0
    interruptions: int = 0


def lag(next_offset: int | None, stable_end: int, reading: Reading | None) -> int | None:
    """Offsets from the lane's next one to the end of the log's committed records; 0 if none of them is a record. None:
    the lane has not found its start yet.

    Transaction markers and aborted records behind the last record never make a chunk. Nothing else is there if the
    consumer's position is past the end and the lane has processed all chunks. The end must come from somebody else: a
    consumer that fetches nothing is at its own end. One that fetches may know a later end.
    """
    if next_offset is None:
        return None
    if reading is None:
        return max(0, stable_end - next_offset)
    end = max(stable_end, reading.stable_end)
    return 0 if reading.delivered <= next_offset and reading.position >= end else max(0, end - next_offset)
