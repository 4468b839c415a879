"""An export file on disk or from standard input, plain or gzipped."""

import gzip
import io
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path
from select import select
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self, cast

from bridge.refusals import UnreadableFile
from commands.backfill.progress import Progress

STDIN: Final = "-"

_BUFFER: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"

_PIECE: Final = 1 << 20
_IGNORED: Final = (b"", b"temp")
_EXPORTS: Final = (".export", ".export.gz")
EXPORT_NAMES: Final = " or ".join(f"*{ending}" for ending in _EXPORTS)
"""The files taken from a directory."""


class Line(NamedTuple):
    """One line. `number`: from 1; `end`: the position behind it in the (uncompressed) stream.

    `body`: without the newline; only the beginning, if the line is longer than the limit. `size`: of the whole line.
    """

    number: int
    body: bytes
    size: int
    end: int

    @property
    def is_no_delivery(self) -> bool:
        """Whether the line is blank, or `temp`, which NewStore leaves in its files."""
        return len(self.body) == self.size and self.body.strip() in _IGNORED


def read_lines(stream: BinaryIO, limit: int, number: int, position: int) -> Iterator[Line]:
    """The lines from the stream's `position` to its end. `number`: lines before.

    The last line needs no newline. The rest of a line over `limit` bytes is skipped.
    """
    while piece := stream.readline(limit + 1):
        number += 1
        size = len(piece)
        if piece.endswith(b"\n"):
            position += size
            yield Line(number, piece[:-1], size - 1, position)
        elif size <= limit:
            position += size
            yield Line(number, piece, size, position)
        else:
            rest, newline = _pass_over(stream)
            position += size + rest + newline
            yield Line(number, piece[:limit], size + rest, position)


def _pass_over(stream: BinaryIO) -> tuple[int, int]:
    """Read to the end of the line; return the bytes left of it, and those of its newline."""
    size = 0
    while piece := stream.readline(_PIECE):
        size += len(piece)
        if piece.endswith(b"\n"):
            return size - 1, 1
    return size, 0


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file by the name given. `identity`: hash of all its bytes; `size`: in bytes; `version`: changes if the file
    does. None for stdin."""

    name: str
    identity: str | None = None
    size: int | None = None
    version: Sequence[int] | None = None

    @classmethod
    def examine(cls, name: str) -> Self:
        """Read the file once for its identity: the same bytes are the same file, whatever its name. UnreadableFile: it
        cannot be read."""
        if name == STDIN:
            return cls(name)
        try:
            with Path(name).open("rb") as file:
                if not file.seekable():  # it is read twice: for its identity, and for its lines
                    raise UnreadableFile(f"{name} is a pipe, whose bytes come only once: give it as `{STDIN}`.")
                version = _version(file.fileno())  # before reading: a change meanwhile makes it another file
                digest = file_digest(file, lambda: blake2b(digest_size=16))
                return cls(name, digest.hexdigest(), file.tell(), version)
        except OSError as error:
            raise UnreadableFile(f"{name} cannot be read: {error.strerror or error}.") from error


def files_of(name: str) -> tuple[list[str], int]:
    """The file with this name. For a directory, its export files sorted by name, which begins with their time, and the
    number of its other entries.

    UnreadableFile: the directory cannot be read, or has no such file.
    """
    try:
        if name == STDIN or not Path(name).is_dir():
            return [name], 0
        with os.scandir(name) as entries:
            found = [(entry.path, entry.name.endswith(_EXPORTS) and _may_be_read(entry)) for entry in entries]
    except OSError as error:
        raise UnreadableFile(f"{name} cannot be read: {error.strerror or error}.") from error
    exports = sorted(path for path, is_export in found if is_export)
    if not exports:
        raise UnreadableFile(f"{name} has no file {EXPORT_NAMES}.")
    return exports, len(found) - len(exports)


def _may_be_read(entry: "os.DirEntry[str]") -> bool:
    """True for a broken link, too: opening it reports it, otherwise its lines would silently be missing."""
    return entry.is_file() or not Path(entry.path).exists()


class Reading:
    """An open export file."""

    def __init__(self, export: ExportFile) -> None:
        """UnreadableFile: the file cannot be opened."""
        self._export = export
        try:
            self._file = _File(0, closefd=False) if export.name == STDIN else _File(export.name)
        except OSError as error:
            raise UnreadableFile(f"{export.name} cannot be read: {error.strerror or error}.") from error
        self._buffered = io.BufferedReader(self._file, _BUFFER)

    def require_unchanged(self) -> None:
        """UnreadableFile: the file has changed, so what was read may not be of the file that was examined."""
        if self._export.version not in (None, _version(self._file.fileno())):
            raise UnreadableFile(f"{self._export.name} has changed meanwhile: run this again.")

    @property
    def bytes_read(self) -> int | None:
        """Bytes read of the file as it is, compressed or not; None for stdin, which has no position."""
        return None if self._export.size is None else self._file.tell()

    def lines(self, limit: int, start: Progress) -> Iterator[Line]:
        """The lines behind `start`. UnreadableFile: damaged behind the last line."""
        number = start.lines
        try:
            stream = _plain(self._buffered)
            if start.bytes:
                stream.seek(start.bytes)
            for line in read_lines(stream, limit, number, start.bytes):
                yield line
                number = line.number
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFile(f"{self._export.name} cannot be read behind line {number}: {error}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._buffered.close()


class _File(io.FileIO):
    def readinto(self, into: memoryview, /) -> int:  # type: ignore[override]  # a buffered reader gives no other
        """A pipe may first return one byte, which is too little to detect gzip: then wait for more, or for the end."""
        count = self._wait_for(into)
        return 1 + self._wait_for(into[1:]) if count == 1 else count

    def _wait_for(self, into: memoryview) -> int:
        """Another process may have made standard input non-blocking: no data yet does not mean its end."""
        while (count := super().readinto(into)) is None:
            select([self], [], [])
        return count


def _version(file: int) -> Sequence[int]:
    found = os.fstat(file)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _plain(stream: "io.BufferedReader[_File]") -> BinaryIO:
    if not stream.peek(len(_GZIP)).startswith(_GZIP):
        return stream
    # Not buffered again: all that is readable before a damage must be returned.
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
