"""Looks through a table's write-ahead logs, and its MANIFEST, which lists the files that count, before RocksDB does.
There is damage of them that RocksDB 9.8 does not tell of, nor 11.9.

It looks at a part of a record without end, and with the GIL, if its kind is one of logs that are used again. A log or a
MANIFEST that ends too early, with a whole record, it takes for whole, and goes on with the next log: rows before that
are missing. A log that breaks off within a record, as after a power failure, it reads up to there, and no later one.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiokafka.record.util import calc_crc32c

from processors.engine.errors import TableError

_BLOCK_BYTES: Final = 32 << 10
"""No part of a record goes beyond its block."""
_HEADER: Final = struct.Struct("<IHB")
"""Before each part: a checksum of all that follows its length, its length, its kind."""
_NONE, _WHOLE, _FIRST, _MIDDLE, _LAST = range(5)
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
    try:
        oldest, last = _flushed(manifest)
    except _BrokenOffError:
        return  # RocksDB says so
    stopped = False
    logs = [(int(each.stem), each) for each in directory.glob("*.log") if each.stem.isdecimal()]
    for _, log in sorted(each for each in logs if each[0] >= oldest):
        changes, broken = _changes(log)
        if changes:
            if stopped and changes.start != last + 1:
                continue  # RocksDB, too, leaves it out: the rows are those of an earlier offset
            if changes.start > last + 1:
                raise TableError(f"changes {last + 1} to {changes.start - 1} are missing before {log.name}")
            last, stopped = changes.stop - 1, False
        stopped = stopped or broken


class _BrokenOffError(Exception):
    """A part is not what was written, as RocksDB sees by itself: it reads no further."""


class _CutOffError(_BrokenOffError):
    """The file ends within a record, as when a process was killed. Of a MANIFEST RocksDB does not say so."""


def _changes(log: Path) -> tuple[range, bool]:
    """The numbers of a log's changes, and whether it breaks off."""
    start = stop = 0
    try:
        for head in _heads(log):
            if len(head) >= _WRITE.size:
                number, count = _WRITE.unpack_from(head)
                start, stop = start or number, number + count
    except _BrokenOffError:
        return range(start, stop), True
    return range(start, stop), False


def _flushed(manifest: Path) -> tuple[int, int]:
    """The number of the oldest log that counts, and of the last change that is in a file of rows. _BrokenOffError: that
    is not known."""
    found = {_LOG: 0, _LAST_CHANGE: 0}
    with suppress(_CutOffError):
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
    """The beginning of each record. _BrokenOffError: there are no more of which RocksDB would take any.
    TableError: it would look at a part of one without end."""
    head: bytes | None = None  # None: no record has begun
    for kind, part in _parts(file):
        if (head is None) is (kind in (_MIDDLE, _LAST)):
            raise _BrokenOffError
        if kind not in (_WHOLE, _FIRST, _MIDDLE, _LAST):
            continue
        head = part[:_HEAD_BYTES] if head is None else head + part[: _HEAD_BYTES - len(head)]
        if kind in (_WHOLE, _LAST):
            yield head
            head = None
    if head is not None:
        raise _CutOffError


def _parts(file: Path) -> Iterator[tuple[int, bytes]]:
    """The kind of each part, and what it has; _NONE: the rest of its block has none. Errors: those of `_heads`."""
    with file.open("rb") as blocks:
        while block := blocks.read(_BLOCK_BYTES):
            end = 0
            while end + _HEADER.size <= len(block):
                checksum, length, kind = _HEADER.unpack_from(block, end)
                if kind in _REUSED:
                    place = blocks.tell() - len(block) + end
                    raise TableError(f"{file.name} is damaged at byte {place}: no record of kind {kind} is written")
                begin = end + _HEADER.size
                end = begin + length
                if not length and kind == _NONE:  # RocksDB, too, leaves the block here
                    yield kind, b""
                    break
                if end > len(block) and len(block) < _BLOCK_BYTES:
                    raise _CutOffError
                if end > len(block) or _checksum(block[begin - 1 : end]) != checksum:
                    raise _BrokenOffError
                yield kind, block[begin:end]
            else:
                if end < len(block) < _BLOCK_BYTES:  # a part of a header
                    raise _CutOffError


def _checksum(part: bytes) -> int:
    """As RocksDB writes it, so that the checksum of what has checksums is another one."""
    crc: int = calc_crc32c(part)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
