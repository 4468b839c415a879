"""How far a partition's orders are in raw: by raw partition, the last record whose event was taken into them.

Dedupe passes the events of one raw partition on in their order. So whatever belongs to these orders, and lies there up
to that offset, was taken too; of what lies behind it, nothing is said.
"""

from collections.abc import Iterable, Mapping

import orjson


class Reached:
    """What one unit adds."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def take(self, source: str) -> None:
        """Note that the event of this raw record (`<raw partition>:<raw offset>`) was taken."""
        partition, _, offset = source.partition(":")
        self._last[partition] = offset

    def after(self, row: bytes | None) -> bytes | None:
        """Return the row as it is with that; None: as it was."""
        known = read_reached(row)
        further = {each: int(at) for each, at in self._last.items() if int(at) > known.get(each, -1)}
        return orjson.dumps({**known, **further}, option=orjson.OPT_SORT_KEYS) if further else None


def read_reached(row: bytes | None) -> dict[str, int]:
    """Return the offsets by raw partition."""
    found: dict[str, int] = orjson.loads(row) if row else {}
    return found


def common(of_all: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return what several partitions have reached together: of a raw partition that one of them has nothing of, nothing
    can be said."""
    every = list(of_all)
    together = set(every[0]).intersection(*every[1:]) if every else set()
    return {each: min(reached[each] for reached in every) for each in sorted(together, key=int)}
