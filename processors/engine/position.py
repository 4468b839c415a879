"""Where a lane starts to read."""

from faust.types import TP

from processors.engine.errors import LaneHaltedError


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
