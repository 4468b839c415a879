"""How far a partition's orders are in raw: for each raw partition, the last record whose event they have taken.

Dedupe passes on the events of one raw partition in their order. So these orders have taken everything of theirs up to
that offset. Nothing is said of what lies behind it.
"""

from collections.abc import Iterable, Mapping

import orjson


class Reached:
    """What one unit adds to how far orders are."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def take(self, source: str) -> None:
        """Note that the event of this raw record (`<raw partition>:<raw offset>`) was taken."""
        partition, _, offset = source.partition(":")
        self._last[partition] = offset

    def after(self, row: bytes | None) -> bytes | None:
        """Return the row with this unit's records; None: it does not change."""
        known = read_reached(row)
        further = {each: int(at) for each, at in self._last.items() if int(at) > known.get(each, -1)}
        return orjson.dumps({**known, **further}, option=orjson.OPT_SORT_KEYS) if further else None


def read_reached(row: bytes | None) -> dict[str, int]:
    """Return the offsets by raw partition."""
    found: dict[str, int] = orjson.loads(row) if row else {}
    return found


def common(of_all: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return what several partitions have all reached. A raw partition of which one of them has nothing is left out:
    nothing can be said of it."""
    every = list(of_all)
    together = set(every[0]).intersection(*every[1:]) if every else set()
    return {each: min(reached[each] for reached in every) for each in sorted(together, key=int)}
