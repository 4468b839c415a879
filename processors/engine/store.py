"""One table's partition in RocksDB. Rows and the changelog position they come from are one atomic write."""

from collections.abc import Collection, Sequence
from itertools import islice, takewhile
from pathlib import Path
from typing import NamedTuple

import rocksdict

from processors.engine.expiry import INDEX, INDEX_END, STEP_KEYS, Expiry, entry_keys, entry_time
from processors.engine.position import Position

# A leading NUL separates the engine's own rows from the owner's, whose keys must not start with it.
RESERVED = b"\x00"
POSITION = b"\x00position"
"""The lane's ``Position``: a changelog row like any other, so it is part of every transaction."""
_OFFSET = b"\x00offset"
_LINEAGE = b"\x00lineage"

# All tables of a process share these, so memory does not grow with the number of partitions.
_CACHE = rocksdict.Cache(48 << 20)
_WRITE_BUFFERS = rocksdict.WriteBufferManager(64 << 20, False)


def _options() -> rocksdict.Options:
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_max_open_files(128)
    options.set_write_buffer_size(16 << 20)
    options.set_write_buffer_manager(_WRITE_BUFFERS)
    options.set_keep_log_file_num(2)
    options.set_compression_type(rocksdict.DBCompressionType.lz4())
    block = rocksdict.BlockBasedOptions()
    block.set_bloom_filter(10, False)
    block.set_block_cache(_CACHE)
    # Indexes are in memory beside the cache and grow with the keys. These begin alike: as differences, a quarter of it.
    block.set_index_block_restart_interval(16)
    options.set_block_based_table_factory(block)
    return options


class TablePartition:
    """Rows of one partition of a table; holds only what Kafka has committed. Without ``expiry`` rows stay for ever."""

    def __init__(self, path: Path, expiry: Expiry | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self._expiry = path, expiry
        self.unread = 0
        """Changelog offsets that a recovery has still to read."""
        self._db = rocksdict.Rdict(str(path), _options())
        self._purged = INDEX
        """No index entry is before this one."""

    @property
    def offset(self) -> int | None:
        """Last changelog offset applied."""
        raw = self._db.get(_OFFSET)
        return None if raw is None else int(raw)

    @property
    def position(self) -> Position | None:
        """Where the lane stands, as of ``offset``."""
        raw = self._db.get(POSITION)
        return None if raw is None else Position.decode(raw)

    @property
    def lineage(self) -> str | None:
        """Which cluster and changelog topic the rows come from; None when nothing was written yet."""
        raw = self._db.get(_LINEAGE)
        return None if raw is None else str(raw, "utf-8")

    @lineage.setter
    def lineage(self, value: str) -> None:
        self._db.put(_LINEAGE, value.encode())

    @property
    def key_count(self) -> int:
        """RocksDB's estimate of the number of rows."""
        return self._db.property_int_value("rocksdb.estimate-num-keys") or 0

    def get(self, key: bytes) -> bytes | None:
        """One row."""
        value: bytes | None = self._db.get(key)
        return value

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows in the order of ``keys``."""
        return self._db.get(list(keys)) if keys else []

    def scan(self, prefix: bytes, after: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """At most ``limit`` rows whose keys start with ``prefix``, those behind the key ``after``, in order."""
        behind = (row for row in self._db.items(from_key=max(prefix, after)) if row[0] > after)
        return list(islice(takewhile(lambda row: row[0].startswith(prefix), behind), limit))

    def apply(self, rows: Collection[tuple[bytes, bytes | None]], offset: int) -> None:
        """The only write of rows (None deletes), together with the changelog ``offset`` they reach."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        if self._expiry is not None:
            dated = [(key, value) for key, value in rows if value is not None and not key.startswith(RESERVED)]
            for key, value in self._expiry.entries(dated, offset):
                batch.put(key, value)
                self._purged = min(self._purged, key)  # what comes out of order is found, too
        batch.put(_OFFSET, b"%d" % offset)
        self._db.write(batch)

    def purge(self, now_ms: int) -> int | None:
        """One step: delete the rows that the oldest index entries name and that have had their time; returns how many.

        None: no entry is due. A row that was written again since then stays, a later entry names it. The changelog
        is not told: its topic forgets by the same age. Runs where ``apply`` does, so never between two of its rows.
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
        index = self._db.iter()
        index.seek_for_prev(INDEX_END)
        if not index.valid() or not index.key().startswith(INDEX):
            return None
        found = _DueEntries([], [], expiry.due(entry_time(index.key()), now_ms))
        index.seek(self._purged)  # the tombstones of earlier steps are not walked through again
        while entry_time(index.key()) < found.due:  # the newest entry never is
            keys = entry_keys(index.value())
            if found.entries and len(found.keys) + len(keys) > STEP_KEYS:
                break
            found.entries.append(index.key())
            found.keys.extend(keys)
            index.next()
        return found if found.entries else None

    def close(self) -> None:
        """Flush and release the directory's lock."""
        self._db.close()


class _DueEntries(NamedTuple):
    """The oldest index entries and the keys that they name, and the time before which rows are due."""

    entries: list[bytes]
    keys: list[bytes]
    due: int
