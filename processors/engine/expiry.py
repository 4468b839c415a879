"""When a table's rows have had their time, and the index beside them that finds those without a look at the others.

An index entry has the keys of up to ``STEP_KEYS`` rows that were written together: ``\\x00time``, the time of the
newest of them, the changelog offset of their write, their place in it. So entries are in the order in which they fall
due.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

INDEX = b"\x00time"
INDEX_END = b"\x00timf"
"""The first key behind the index."""

MARGIN_MS = 86_400_000
"""Rows are kept for a day longer than they count. So a record may be up to half a day older than one read before it
(ingress clocks differ), and still finds every row that counts for it: see dedupe's ``test_purge.py``."""

STEP_KEYS = 256
"""What one step of a purge takes at most, and so one entry: about two milliseconds of the event loop."""
_APART_MS = 3_600_000
"""Between the times of two rewritten rows of one entry, at most: the older one is kept for as much longer."""
_PLACE = struct.Struct(">QQI")
_COUNT = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long rows count, in milliseconds, and how a row (never None) tells its own time, in ms since 1970.

    ``rewritten`` stands before the keys of rows that are written again and again and mostly keep their time.
    Within an ``epoch`` nothing but their age deletes rows; at the border of two, which counts them, others may be.
    """

    retention_ms: int
    time_of: Callable[[bytes], int]
    rewritten: tuple[bytes, ...] = ()
    epoch: int = 0

    def due(self, newest_ms: int, now_ms: int) -> int:
        """Rows from before this time count for no record that is still to come.

        ``newest_ms`` is the time of the newest row. The clock ``now_ms`` limits it: a single record of a wrong
        clock, a year ahead, must not make everything forgotten.
        """
        return min(newest_ms, now_ms) - self.retention_ms - MARGIN_MS

    def unnamed(
        self, rows: Sequence[tuple[bytes, bytes]], there: Callable[[Sequence[bytes]], Sequence[bytes | None]]
    ) -> Sequence[tuple[bytes, bytes]]:
        """Those of ``rows`` that no index entry names yet, with their time. ``there`` reads rows as they are: one of
        the same time has its entry, or every write of such a row would leave one more."""
        if not self.rewritten or not (again := [key for key, _ in rows if key.startswith(self.rewritten)]):
            return rows
        times = {key: None if row is None else self.time_of(row) for key, row in zip(again, there(again), strict=True)}
        return [(key, row) for key, row in rows if key not in times or times[key] != self.time_of(row)]

    def entries(
        self, rows: Sequence[tuple[bytes, bytes]], offset: int, place: int = 0
    ) -> Iterator[tuple[bytes, bytes]]:
        """The index entries of ``rows`` written together, as keys and values for the same write. ``place``: number of
        rows that were written before them under the same offset."""
        for part in self._parts(rows):
            newest = max([self.time_of(row) for _, row in part])
            yield INDEX + _PLACE.pack(max(0, newest), offset, place), _pack([key for key, _ in part])
            place += len(part)

    def _parts(self, rows: Sequence[tuple[bytes, bytes]]) -> Iterator[Sequence[tuple[bytes, bytes]]]:
        """Rows of one entry each. What is rewritten has a time of long ago, perhaps: beside what is new it would stay
        for as long as that."""
        again = [(self.time_of(row), key) for key, row in rows if key.startswith(self.rewritten)]
        newest = max([self.time_of(row) for _, row in rows]) if again else 0
        old = {key: time for time, key in sorted(again) if newest - time > _APART_MS}
        new = [row for row in rows if row[0] not in old] if old else rows
        for start in range(0, len(new), STEP_KEYS):
            yield new[start : start + STEP_KEYS]
        values, part = dict(rows) if old else {}, list[tuple[bytes, bytes]]()
        for key, time in old.items():
            if part and (len(part) == STEP_KEYS or time - old[part[0][0]] > _APART_MS):
                yield part
                part = []
            part.append((key, values[key]))
        if part:
            yield part


def entry_time(entry: bytes) -> int:
    """The time of an index entry, from its key."""
    time: int = _PLACE.unpack_from(entry, len(INDEX))[0]
    return time


def entry_keys(value: bytes) -> list[bytes]:
    """The keys of an index entry, from its value."""
    (count,) = _COUNT.unpack_from(value)
    end, keys = _COUNT.size * (count + 1), []
    for length in struct.unpack_from(f">{count}I", value, _COUNT.size):
        keys.append(value[end : end + length])
        end += length
    return keys


def _pack(keys: Sequence[bytes]) -> bytes:
    return b"".join((struct.pack(f">{len(keys) + 1}I", len(keys), *map(len, keys)), *keys))
