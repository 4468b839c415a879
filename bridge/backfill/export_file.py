"""An export file as it lies on disk or comes through standard input, plain or compressed by gzip."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from bridge.backfill.lines import Line, read_lines
from bridge.backfill.progress import Progress

STDIN: Final = "-"

_BUFFER: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"


class UnreadableFile(Exception):  # noqa: N818 - says what is the case
    """The file cannot be read, or is damaged. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file by its name as given. `identity` is a hash of all its bytes, `size` their number; stdin has neither."""

    name: str
    identity: str | None = None
    size: int | None = None

    @classmethod
    def examine(cls, name: str) -> Self:
        """Read it once for its identity: whatever its name, the same bytes are the same file. UnreadableFile: no."""
        if name == STDIN:
            return cls(name)
        try:
            with Path(name).open("rb") as file:
                digest = file_digest(file, lambda: blake2b(digest_size=16))
                return cls(name, digest.hexdigest(), file.tell())
        except OSError as error:
            raise UnreadableFile(f"{name} cannot be read: {error.strerror or error}.") from error


class Reading:
    """An open export file."""

    def __init__(self, export: ExportFile) -> None:
        """UnreadableFile: it is no longer there."""
        self._export = export
        try:
            self._file = io.FileIO(0, closefd=False) if export.name == STDIN else io.FileIO(export.name)
        except OSError as error:
            raise UnreadableFile(f"{export.name} cannot be read: {error.strerror or error}.") from error
        self._buffered = io.BufferedReader(self._file, _BUFFER)

    @property
    def bytes_read(self) -> int | None:
        """Of the file as it is, compressed or not; None where there is no position, as in stdin."""
        return None if self._export.size is None else self._file.tell()

    def lines(self, limit: int, start: Progress) -> Iterator[Line]:
        """The lines behind `start`. UnreadableFile: it is damaged behind the last line."""
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


def _plain(stream: "io.BufferedReader[io.FileIO]") -> BinaryIO:
    if not stream.peek(len(_GZIP)).startswith(_GZIP):
        return stream
    # Without another buffer: what is readable in front of a damage must come out.
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
