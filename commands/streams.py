"""stdout and stderr as commands write to them: no traceback comes of what cannot be written, or is not read."""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any


class NobodyReadsError(Exception):
    """Whoever read stdout has closed it. No OSError: `run` takes those for a broker's, and libraries end the process in
    their own way for a BrokenPipeError, rich in the midst of an event loop."""


class NoRoomError(Exception):
    """stdout cannot be written, as where its disk is full. No OSError, either: within `run` nothing said that it is the
    output which has no room."""


def open_streams() -> None:
    """To be called once, before anything is written.

    What cannot be written to stdout raises NobodyReadsError where its pipe is closed, else NoRoomError, and all that
    follows goes nowhere: Python, which writes at its end what was left, would fail on it again, and end with 120. What
    cannot be written to stderr is left out, as there is nobody to tell.
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
            raise NoRoomError(os.strerror(error.errno or errno.EIO)) from error


class _Messages(io.FileIO):
    def write(self, data: Any, /) -> int:
        """As above; the next one may be heard again, once a full disk has room."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _on(file: io.FileIO, stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """A stream like this one on the file. One that is no UTF-8 has no place for "·", nor for most names: what it cannot
    hold is escaped, as in stderr by itself."""
    by_line = stream.line_buffering or stream.write_through
    return io.TextIOWrapper(
        io.BufferedWriter(file), encoding=stream.encoding, errors="backslashreplace", line_buffering=by_line
    )


def _open_closed_streams() -> None:
    """Whoever has closed one (`2>&-`) wants nothing of it; but Python has None there, and gives its number to the next
    file or connection that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, errors="backslashreplace"))  # noqa: SIM115 - until the process ends
