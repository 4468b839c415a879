"""Looks through a table's write-ahead logs, and its MANIFEST, which lists the files that count, before RocksDB does.
There is damage of them that RocksDB 9.8 does not tell of, nor 11.9.

It looks at a part of a record without end, and with the GIL, if its kind is one of logs that are used again. A log or a
MANIFEST that ends too early it takes for whole, and goes on with the next log: rows before that are missing.
"""

import struct
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

from processors.engine.errors import TableError

_BLOCK_BYTES: Final = 32 << 10
"""No part of a record goes beyond its block."""
_HEADER: Final = struct.Struct("<4xHB")
"""Before each part: a checksum, its length, its kind."""
_WHOLE, _FIRST, _LAST = 1, 2, 4
_REUSED: Final = frozenset({5, 6, 7, 8, 11, 131})
"""Kinds of parts of logs that are used again, as no log here is (`recycle_log_file_num`)."""
_HEAD_BYTES: Final = 128
"""As much of a record as has the numbers that are looked for."""
_WRITE: Final = struct.Struct("<QI")
"""The beginning of a log's record, a write: the number of its first change, and how many they are."""
_COMPARATOR, _LOG, _LAST_CHANGE = 1, 2, 4
_NUMBERS: Final = frozenset({_LOG, 3, _LAST_CHANGE, 9, 10})
"""Fields of the MANIFEST's records that are one number each. They and the comparator's name are before all others."""


def check_logs(directory: Path) -> None:
    """TableError: RocksDB would open the directory without rows that it had, or never come back."""
    current = directory / "CURRENT"
    manifest = directory / (current.read_text("ascii", "replace").strip() if current.is_file() else "")
    if not manifest.is_file():
        return  # RocksDB makes the directory, or says what is wrong with it
    oldest, last = _flushed(manifest)
    for number, log in sorted((int(each.stem), each) for each in directory.glob("[0-9]*.log")):
        if number >= oldest and (changes := _changes(log)):
            if changes.start > last + 1:
                raise TableError(f"changes {last + 1} to {changes.start - 1} are missing before {log.name}")
            last = changes.stop - 1


def _changes(log: Path) -> range | None:
    """The numbers of a log's changes; None: there are none."""
    writes = (head for head in _heads(log) if len(head) >= _WRITE.size)
    if (write := next(writes, None)) is None:
        return None
    start, _ = _WRITE.unpack_from(write)
    return range(start, sum(_WRITE.unpack_from(deque(chain([write], writes), maxlen=1).pop())))


def _flushed(manifest: Path) -> tuple[int, int]:
    """The number of the oldest log that counts, and of the last change that is in a file of rows."""
    found = {_LOG: 0, _LAST_CHANGE: 0}
    for head in _heads(manifest):
        with suppress(IndexError):  # it is none: RocksDB says so
            found.update(_numbers(head))
    return found[_LOG], found[_LAST_CHANGE]


def _numbers(head: bytes) -> Iterator[tuple[int, int]]:
    """The numbers of one of the MANIFEST's records, by field."""
    place = 0
    while place < len(head):
        field, place = _number(head, place)
        if field not in (_COMPARATOR, *_NUMBERS):
            return
        number, place = _number(head, place)
        if field == _COMPARATOR:
            place += number
        else:
            yield field, number


def _number(raw: bytes, place: int) -> tuple[int, int]:
    """A number, seven bits a byte from the lowest on, and where it ends."""
    number = shift = 0
    while True:
        number |= (raw[place] & 0x7F) << shift
        shift, place = shift + 7, place + 1
        if raw[place - 1] < 0x80:  # the others have the highest bit set
            return number, place


def _heads(file: Path) -> Iterator[bytes]:
    """The beginning of each record. TableError: RocksDB would look at a part of one without end."""
    head = b""
    with file.open("rb") as blocks:
        while block := blocks.read(_BLOCK_BYTES):
            end = 0
            while end + _HEADER.size <= len(block):
                length, kind = _HEADER.unpack_from(block, end)
                if kind in _REUSED:
                    place = blocks.tell() - len(block) + end
                    raise TableError(f"{file.name} is damaged at byte {place}: no record of kind {kind} is written")
                begin = end + _HEADER.size
                end = begin + length
                if end > len(block) or not length | kind:  # RocksDB, too, leaves the block here
                    break
                if kind in (_WHOLE, _FIRST):
                    head = b""
                if len(head) < _HEAD_BYTES:
                    head += block[begin : min(end, begin + _HEAD_BYTES)]
                if kind in (_WHOLE, _LAST):
                    yield head
