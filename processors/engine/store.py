"""One table's partition in RocksDB. Rows and the changelog position they come from are one atomic write."""

from collections.abc import Iterable, Sequence
from itertools import islice, takewhile
from pathlib import Path

import rocksdict

# A leading NUL separates the engine's own rows from the owner's, whose keys must not start with it.
RESERVED = b"\x00"
POSITION = b"\x00position"
"""Source position of the lane: a changelog row like any other, so it is part of every transaction."""
_OFFSET = b"\x00offset"
_LINEAGE = b"\x00lineage"

# All tables of a process share these, so memory does not grow with the number of partitions.
_CACHE = rocksdict.Cache(48 << 20)
_WRITE_BUFFERS = rocksdict.WriteBufferManager(64 << 20, True)


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
    options.set_block_based_table_factory(block)
    return options


class TablePartition:
    """Rows of one partition of a table; holds only what Kafka has committed."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = rocksdict.Rdict(str(path), _options())

    @property
    def offset(self) -> int | None:
        """Last changelog offset applied."""
        return _int(self._db.get(_OFFSET))

    @property
    def position(self) -> int | None:
        """Next source offset, as of ``offset``."""
        return _int(self._db.get(POSITION))

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

    def apply(self, rows: Iterable[tuple[bytes, bytes | None]], offset: int) -> None:
        """The only write of rows (None deletes), together with the changelog ``offset`` they reach."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_OFFSET, b"%d" % offset)
        self._db.write(batch)

    def close(self) -> None:
        """Flush and release the directory's lock."""
        self._db.close()


def _int(raw: bytes | None) -> int | None:
    return None if raw is None else int(raw)
