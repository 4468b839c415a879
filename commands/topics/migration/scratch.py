"""Rows on disk while tables are rebuilt. They need not survive a crash: Kafka has what they are made from."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import rocksdict

from bridge.refusals import MigrationRefused
from processors.engine.damage import rows_from

_PLACE: Final = struct.Struct(">I")
_MIB: Final = 1 << 20
_PORTION: Final = 1000
_PORTION_BYTES: Final = 8 * _MIB
"""A read takes at most this many rows, and stops after this many bytes, but takes at least one row."""


def _options() -> rocksdict.Options:
    options = rocksdict.Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_max_open_files(256)
    options.set_write_buffer_size(64 * _MIB)
    options.set_compression_type(rocksdict.DBCompressionType.lz4())
    block = rocksdict.BlockBasedOptions()
    block.set_bloom_filter(10, False)
    block.set_block_cache(rocksdict.Cache(64 * _MIB))
    options.set_block_based_table_factory(block)
    return options


class Kind(bytes, Enum):
    """The kind of a row: the first byte of its key."""

    SEEN = b"s"
    SEEN_BEFORE = b"t"
    ORDERS = b"o"
    ORDERS_BEFORE = b"p"
    KEPT = b"k"
    LATE = b"l"
    GONE = b"g"
    WAITING = b"w"
    BLIND = b"b"
    UNPROCESSED = b"u"
    CLEANED = b"c"
    LINES = b"i"
    REVISION = b"r"


class Scratch:
    """Use it as `with Scratch(path) as scratch:`. The directory is destroyed before and after.

    MigrationRefused: another process uses the directory, it cannot be used at all, or its disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._unusable = path, f"{path}, where tables are rebuilt, cannot be used"

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            rocksdict.Rdict.destroy(str(self._path))
            self._db = rocksdict.Rdict(str(self._path), _options())
        except Exception as error:
            raise MigrationRefused(f"{self._unusable}: {error}") from error
        unlogged = rocksdict.WriteOptions()
        unlogged.disable_wal = True
        self._db.set_write_options(unlogged)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Exception):  # nobody needs what could not be written
            self._db.close()
        rocksdict.Rdict.destroy(str(self._path))
        if type(error) is Exception:  # all errors of rocksdict have this type, a full disk's too
            raise MigrationRefused(f"{self._unusable}: {error}: make space there and run this again.") from error

    def put_many(self, kind: Kind, rows: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Set rows; None deletes."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(kind.value + key)
            else:
                batch.put(kind.value + key, value)
        self._db.write(batch)

    def get_many(self, kind: Kind, keys: Sequence[bytes]) -> list[bytes | None]:
        """Rows in the order of `keys`."""
        return self._db.get([kind.value + key for key in keys]) if keys else []

    def items(self, kind: Kind) -> Iterator[tuple[bytes, bytes]]:
        """Yield all rows of a kind in the order of their keys."""
        # Read in portions: an abandoned iterator would keep the tables open.
        start = kind.value
        while rows := self._portion(start):
            for key, value in rows:
                if not key.startswith(kind.value):
                    return
                yield key[1:], value
            start = rows[-1][0] + b"\0"

    def _portion(self, start: bytes) -> list[tuple[bytes, bytes]]:
        rows, size = list[tuple[bytes, bytes]](), 0
        for row in rows_from(self._db, start):
            rows.append(row)
            size += len(row[1])
            if len(rows) == _PORTION or size >= _PORTION_BYTES:
                break
        return rows


def placed(key: bytes, partition: int) -> bytes:
    """The key of a row in one partition of its table. A row key's partitions are neighbours."""
    return key + _PLACE.pack(partition)


def place_of(placed_key: bytes) -> tuple[bytes, int]:
    """Row key and partition of a placed key."""
    (partition,) = _PLACE.unpack(placed_key[-_PLACE.size :])
    return placed_key[: -_PLACE.size], partition
