"""When a table's rows have had their time, and the index that finds such rows without a look at the others.

An index entry has the keys of up to ``STEP_KEYS`` rows that were written together. Its own key is ``\\x00time``, the
time of their newest row, the changelog offset of the write, and their place in it. So entries are in the order in which
they fall due.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

INDEX = b"\x00time"
INDEX_END = b"\x00timf"
"""The first key behind the index."""

MARGIN_MS = 86_400_000
"""Rows are kept for a day longer than they count. So a record may be up to half a day older than one read before it
(ingress clocks differ) and still find every row that counts for it: see dedupe's ``test_purge.py``."""

STEP_KEYS = 256
"""Most keys of a purge's step, and so of an entry: about two milliseconds of the event loop."""
_APART_MS = 3_600_000
"""Most time between two rewritten rows of one entry: the older row is kept for so much longer."""
_PLACE = struct.Struct(">QQI")
_COUNT = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Expiry:
    """``retention_ms``: how long rows count. ``time_of``: a row's own time in ms since 1970; the row is never None.

    ``rewritten``: key prefixes of rows that are written again and again and mostly keep their time. ``epoch``: the
    number of times that rows may have been deleted for another reason than their age, as by a migration.
    """

    retention_ms: int
    time_of: Callable[[bytes], int]
    rewritten: tuple[bytes, ...] = ()
    epoch: int = 0

    def due(self, newest_ms: int, now_ms: int) -> int:
        """Rows from before this time count for no record still to come.

        ``newest_ms`` is the time of the newest row. The clock ``now_ms`` limits it: one record of a clock that is a
        year ahead must not make everything forgotten.
        """
        return min(newest_ms, now_ms) - self.retention_ms - MARGIN_MS

    def unnamed(
        self, rows: Sequence[tuple[bytes, bytes]], there: Callable[[Sequence[bytes]], Sequence[bytes | None]]
    ) -> Sequence[tuple[bytes, bytes]]:
        """The ``rows`` that no index entry names with their time yet. ``there`` reads stored rows: if one has the same
        time, it has its entry. Without this look every write of such a row would add another entry."""
        if not self.rewritten or not (again := [key for key, _ in rows if key.startswith(self.rewritten)]):
            return rows
        times = {key: None if row is None else self.time_of(row) for key, row in zip(again, there(again), strict=True)}
        return [(key, row) for key, row in rows if key not in times or times[key] != self.time_of(row)]

    def entries(
        self, rows: Sequence[tuple[bytes, bytes]], offset: int, place: int = 0
    ) -> Iterator[tuple[bytes, bytes]]:
        """The index entries of ``rows`` written together, as keys and values for the same write. ``place``: number of
        rows written before them under the same offset."""
        for part in self._parts(rows):
            newest = max([self.time_of(row) for _, row in part])
            yield INDEX + _PLACE.pack(max(0, newest), offset, place), _pack([key for key, _ in part])
            place += len(part)

    def _parts(self, rows: Sequence[tuple[bytes, bytes]]) -> Iterator[Sequence[tuple[bytes, bytes]]]:
        """The rows of each entry. A rewritten row may have a time of long ago; in an entry with new rows it would stay
        as long as they do."""
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
