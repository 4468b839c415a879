"""stdout and stderr for commands: failing writes, or a closed reader, cause no traceback."""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, TextIO


class NobodyReadsError(Exception):
    """The reader of stdout has closed it. Not an OSError: `run` takes those for a broker's, and libraries end the
    process in their own ways on a BrokenPipeError, rich in the middle of an event loop."""


class NoRoomError(Exception):
    """stdout cannot be written, for example because its disk is full. Not an OSError, as `run` would not say that the
    output is the problem."""


def open_streams() -> None:
    """Call it once, before anything is written.

    A failing write to stdout raises NobodyReadsError if its pipe is closed, else NoRoomError, also if stdout itself was
    closed. Further writes are discarded: otherwise Python's own flush at exit would fail again, and exit with 120.
    Failing writes to stderr are ignored, as there is nobody to tell.
    """
    for name, kind in (("stdout", _Data), ("stderr", _Messages)):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            setattr(sys, name, _on(kind(stream.fileno(), "wb", closefd=False), stream))
    _open_closed_streams()


class _Data(io.FileIO):
    def write(self, data: Any, /) -> int:
        """Called by the buffer above."""
        try:
            return super().write(data)
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            if isinstance(error, BrokenPipeError):
                raise NobodyReadsError from error
            if error.errno == errno.EBADF:
                raise NoRoomError("it is closed") from error
            raise NoRoomError(os.strerror(error.errno or errno.EIO)) from error


class _Messages(io.FileIO):
    def write(self, data: Any, /) -> int:
        """As above; later messages may succeed, once a full disk has room."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _on(file: io.FileIO, stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """A stream like this one on the file. Characters that its encoding lacks, such as "·" or most names without UTF-8,
    are escaped, as Python does on stderr."""
    by_line = stream.line_buffering or stream.write_through
    return io.TextIOWrapper(
        io.BufferedWriter(file), encoding=stream.encoding, errors="backslashreplace", line_buffering=by_line
    )


def _open_closed_streams() -> None:
    """Open closed streams (`2>&-`) on the null device: Python has None for them, and the next file or connection would
    get their number."""
    for name, mode in (("stdin", "r"), ("stdout", None), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = _null(mode) if mode else _nowhere_to_write()
            setattr(sys, name, stream)


def _null(mode: str) -> Any:
    return Path(os.devnull).open(mode, errors="backslashreplace")


def _nowhere_to_write() -> TextIO:
    """A stream whose file is open for reading alone: what is written to it is an error, and not lost."""
    file = _Data(os.open(os.devnull, os.O_RDONLY), "wb", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(file), errors="backslashreplace")
