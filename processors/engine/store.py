"""One table's partition in RocksDB. Rows and the changelog position they come from are one atomic write."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import rocksdict

from processors.engine.damage import check_files, last_key, rows_from, telling_damage
from processors.engine.expiry import INDEX, INDEX_END, STEP_KEYS, Expiry, entry_keys, entry_time
from processors.engine.memtables import MemtableBudget
from processors.engine.outdated import is_outdated, last_use, retire, set_last_use, unmark
from processors.engine.position import Position

# A leading NUL separates the engine's own rows from the owner's, whose keys must not start with it.
RESERVED = b"\x00"
POSITION = b"\x00position"
"""The lane's ``Position``: a changelog row like any other, so it is part of every transaction."""
BARRIER = b"\x00barrier"
"""A changelog record without a value: it says how far the changelog must be read, and leaves no row."""
_OFFSET = b"\x00offset"
_LINEAGE = b"\x00lineage"
_EPOCH = b"\x00epoch"
"""The ``Expiry.epoch`` when the table last had all of its changelog."""
_MEMTABLE_SIZES = ("active-mem-table", "all-mem-tables")

# All tables of a process share these, so memory does not grow with the number of partitions.
_CACHE = rocksdict.Cache(48 << 20)
_MEMTABLES = MemtableBudget(flush_bytes=48 << 20, most_bytes=64 << 20)

WRITE_BYTES = 4 << 20
"""Most bytes of one write, or one row: a write holds the GIL, 11 ms a MiB of small rows."""
SCAN_BYTES = 8 << 20
"""Bytes of values after which a scan ends; its last row may exceed them."""
ARENA_BYTES = 256 << 10
"""What a memtable grows by, and so the least that a table takes once it was written to. RocksDB's own choice, 1 MiB,
would be 128 MiB for 128 tables. Mapped apart: see ``bridge/process.py``."""
LOG_BYTES = 1 << 20
"""Size of RocksDB's own log of a table. A table has two: this one and the one before."""

_Row = tuple[bytes, bytes | None]


def _options() -> rocksdict.Options:
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_max_open_files(128)
    options.set_write_buffer_size(16 << 20)
    options.set_arena_block_size(ARENA_BYTES)
    options.set_max_log_file_size(LOG_BYTES)
    options.set_keep_log_file_num(2)
    options.set_compression_type(rocksdict.DBCompressionType.lz4())
    block = rocksdict.BlockBasedOptions()
    block.set_bloom_filter(10, False)
    block.set_block_cache(_CACHE)
    # Indexes are in memory beside the cache and grow with the keys. These begin alike, so differences alone are kept: a
    # quarter of the memory.
    block.set_index_block_restart_interval(16)
    options.set_block_based_table_factory(block)
    return options


class TablePartition:
    """Rows of one partition of a table; holds only what Kafka has committed. Without ``expiry`` rows stay for ever.
    ``queues`` are key prefixes of rows that are deleted from the first one on."""

    def __init__(self, path: Path, expiry: Expiry | None = None, queues: Collection[bytes] = ()) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self._expiry, self._queues = path, expiry, queues
        self.unread = 0
        """Changelog offsets that a recovery has still to read."""
        self.outdated = is_outdated(path, time.time())
        """Whether the table may have rows that were deleted long ago."""
        self._last_use: float | None = last_use(path, time.time())
        """The directory's time until the table has all of its changelog; then None. Opening and filling the directory
        do not count as use: one whose recovery never ends would look young for ever."""
        self._open()
        try:
            if self.outdated and expiry is not None and self._db.get(_EPOCH) == b"%d" % expiry.epoch:
                # It may know what the changelog has forgotten. The mark beside it stays, for a later epoch.
                self.outdated = False
            self._keep_time()
        except BaseException:  # whoever keeps the error would keep the directory's lock
            with suppress(Exception):
                self.close()
            raise

    def _open(self) -> None:
        check_files(self.path)
        self._db = rocksdict.Rdict(str(self.path), _options())
        _MEMTABLES.add(self)
        self._purged = INDEX
        """No index entry is before this one."""
        self._heads = {prefix: prefix for prefix in self._queues}
        """By prefix: no row of the queue is before this key."""

    def empty(self) -> None:
        """Begin anew, of the same changelog; the old directory is left beside it, to be removed."""
        lineage = self.lineage
        self.close()
        retire(self.path)
        self._open()
        if lineage is not None:
            self.lineage = lineage
        unmark(self.path)
        self.outdated, self._last_use = False, time.time()

    @telling_damage
    def caught_up(self) -> None:
        """Note that the table has all of its changelog, and is in use. An outdated table still lacks deletions that the
        changelog has forgotten, so no epoch is noted."""
        if self._expiry is not None and not self.outdated:
            self._db.put(_EPOCH, b"%d" % self._expiry.epoch)
        self._last_use = None
        set_last_use(self.path, time.time())

    def _keep_time(self) -> None:
        if self._last_use is not None and self.path.exists():  # a halted lane's may have been moved away
            set_last_use(self.path, self._last_use)

    @property
    def forgets(self) -> bool:
        """Whether rows have their time, here and in the changelog."""
        return self._expiry is not None

    @property
    @telling_damage
    def offset(self) -> int | None:
        """Last changelog offset applied."""
        raw = self._db.get(_OFFSET)
        return None if raw is None else int(raw)

    @property
    @telling_damage
    def position(self) -> Position | None:
        """Where the lane stands, as of ``offset``."""
        raw = self._db.get(POSITION)
        return None if raw is None else Position.decode(raw)

    @property
    @telling_damage
    def lineage(self) -> str | None:
        """Which cluster and changelog topic the rows come from; None when nothing was written yet."""
        raw = self._db.get(_LINEAGE)
        return None if raw is None else str(raw, "utf-8")

    @lineage.setter
    @telling_damage
    def lineage(self, value: str) -> None:
        self._db.put(_LINEAGE, value.encode())

    @property
    def key_count(self) -> int:
        """RocksDB's estimate of the number of rows."""
        return self._db.property_int_value("rocksdb.estimate-num-keys") or 0

    @telling_damage
    def get(self, key: bytes) -> bytes | None:
        """One row."""
        value: bytes | None = self._db.get(key)
        return value

    @telling_damage
    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows in the order of ``keys``."""
        return self._db.get(list(keys)) if keys else []

    @telling_damage
    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """At most ``limit`` rows whose keys start with ``prefix`` and lie behind the key ``after``, in order; no more
        once they have ``SCAN_BYTES``. Empty: there are no more."""
        found, size, head = list[tuple[bytes, bytes]](), 0, self._heads.get(prefix, prefix)
        for key, row in rows_from(self._db, max(head, after)):
            if not key.startswith(prefix):
                break
            if key != after:
                found.append((key, row))
                size += len(row)
                if len(found) >= limit or size >= SCAN_BYTES:
                    break
        if prefix in self._heads and after < head:  # the tombstones before it are not walked through again
            self._heads[prefix] = found[0][0] if found else prefix + b"\xff"
        return found

    @telling_damage
    def apply(self, rows: Collection[_Row], offset: int) -> None:
        """The only write of rows (None deletes), each key once, together with the changelog ``offset`` they reach.

        Many rows are several writes. Only the last one has the offset, the engine's own rows and the deletions. If the
        process ends between two writes, the rows ahead of the offset come again from the changelog, and no row is gone
        by which the table knows its changelog.
        """
        at_last: list[_Row] = [(_OFFSET, b"%d" % offset)]
        place = 0
        *firsts, last = _parts(rows, at_last)
        for part in firsts:
            self._write(part, (), offset, place)
            place += len(part)
        self._write(last, at_last, offset, place)
        self._keep_time()

    def _write(self, rows: Sequence[tuple[bytes, bytes]], at_last: Iterable[_Row], offset: int, place: int) -> None:
        """``place``: how many rows of the same ``apply`` came before."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in chain(rows, at_last):
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        if self._expiry is not None:
            unnamed = self._expiry.unnamed(rows, self.get_many)
            for key, value in self._expiry.entries(unnamed, offset, place):
                batch.put(key, value)
                self._purged = min(self._purged, key)  # what comes out of order is found, too
        for prefix, head in self._heads.items():
            self._heads[prefix] = min([head, *(key for key, _ in rows if key.startswith(prefix))])
        _MEMTABLES.before_write(batch.size_in_bytes())
        self._db.write(batch)

    @telling_damage
    def purge(self, now_ms: int) -> int | None:
        """One step: delete due rows that the oldest index entries name; return how many. None: no entry is due.

        A row that was written again since then stays; a later entry names it. The changelog is not told: its topic
        forgets by the same age. Runs where ``apply`` does, so never between two of its writes.
        """
        if self._expiry is None or (found := self._due_entries(self._expiry, now_ms)) is None:
            return None
        keys = list(dict.fromkeys(found.keys))  # entries of several writes may name the same row
        rows = zip(keys, self.get_many(keys), strict=True)
        old = [key for key, row in rows if row is not None and self._expiry.time_of(row) < found.due]
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key in (*old, *found.entries):
            batch.delete(key)
        self._db.write(batch)
        self._purged = found.entries[-1]
        return len(old)

    def _due_entries(self, expiry: Expiry, now_ms: int) -> "_DueEntries | None":
        newest = last_key(self._db, INDEX_END)
        if newest is None or not newest.startswith(INDEX):
            return None
        found = _DueEntries([], [], expiry.due(entry_time(newest), now_ms))
        for entry, value in rows_from(self._db, self._purged):  # skips the tombstones of earlier steps
            if entry_time(entry) >= found.due:  # the newest entry always is
                break
            keys = entry_keys(value)
            if found.entries and len(found.keys) + len(keys) > STEP_KEYS:
                break
            found.entries.append(entry)
            found.keys.extend(keys)
        return found if found.entries else None

    def memtable_bytes(self) -> tuple[int, int]:
        """Bytes of the memtable that is written to; and of that and those on their way to the disk."""
        sizes = (self._db.property_int_value(f"rocksdb.cur-size-{which}") for which in _MEMTABLE_SIZES)
        active, whole = (size or 0 for size in sizes)
        return active, whole

    def flush(self, *, wait: bool) -> None:
        """Write the rows in memory to disk, in the background unless ``wait``."""
        self._db.flush(wait)

    def close(self) -> None:
        """Flush and release the directory's lock. The directory's time stays: this process may have been frozen since
        its last use."""
        _MEMTABLES.remove(self)
        if self._last_use is None and self.path.exists():
            self._last_use = last_use(self.path, time.time())
        self._db.close()
        self._keep_time()


class _DueEntries(NamedTuple):
    """The oldest index entries and the keys that they name, and the time before which rows are due."""

    entries: list[bytes]
    keys: list[bytes]
    due: int


def _parts(rows: Iterable[_Row], at_last: list[_Row]) -> Iterator[list[tuple[bytes, bytes]]]:
    """The owner's rows in parts of ``WRITE_BYTES`` or of one row; at least one part. Deletions, and the engine's own
    rows, go to ``at_last``."""
    part, size = list[tuple[bytes, bytes]](), 0
    for key, value in rows:
        if value is None or key.startswith(RESERVED):
            at_last.append((key, value))
            continue
        length = len(key) + len(value)
        if part and size + length > WRITE_BYTES:
            yield part
            part, size = [], 0
        part.append((key, value))
        size += length
    yield part
