"""Counts the chunks of a body: many small ones cost more than their content."""

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from aiohttp.streams import StreamReader

from bridge.http.bounds import CHUNK_BYTES, FEW_CHUNKS, HEAD_BYTES
from bridge.http.errors import BodyCrumbled

_FEW_PIECES: Final = 16
_FRAME_BYTES: Final = 16
"""Allowed for each chunk, beside its content and its extension."""


class Chunks:
    """The chunks of a connection's last chunked body."""

    __slots__ = ("_beside", "_body", "_count", "_size")

    def __init__(self) -> None:
        self._body: StreamReader | None = None
        self._count = self._size = self._beside = 0

    @property
    def are_incomplete(self) -> bool:
        """Whether more chunks are to come, even of a body that is the last thing on its connection."""
        return self._body is not None

    def take(self, requests: Sequence[tuple[Any, StreamReader]], came: int, *, kept: bool) -> None:
        """Take a piece of `came` bytes, in which `requests` begin; chunked ones are followed from here. `kept`: the
        parser may have kept some of it for later.

        BodyCrumbled: there are too many chunks, or their extensions are too large, and more is to come.
        """
        if self._body is not None:
            beside = self._take(self._body, came)
            if beside > HEAD_BYTES and not kept and self._body is not None:
                raise BodyCrumbled
        for message, body in requests:
            if message.chunked:
                self._count = self._size = self._beside = 0
                self._take(body, 0)

    def _take(self, body: StreamReader, came: int) -> int:
        """Count what came of a body and join its pieces: after each piece that a reader takes, aiohttp looks for more
        to read, which costs ten times as much as finding a chunk. Return how much came beside content."""
        ends = body._http_chunk_splits  # noqa: SLF001 - see test_assumptions.py
        if ends:
            self._count += len(ends)
            self._beside -= len(ends) * _FRAME_BYTES
            if len(ends) > _FEW_PIECES:
                _join(body._buffer, body.total_bytes - self._size)  # noqa: SLF001 - as above
            ends.clear()  # nobody here reads chunk by chunk
        grown = body.total_bytes - self._size
        self._beside += came - grown
        self._size = body.total_bytes
        self._body = None if body.is_eof() else body
        if self._body is not None and self._count > FEW_CHUNKS + self._size // CHUNK_BYTES:
            raise BodyCrumbled
        return self._beside if grown else 0  # without content it may be a trailer


def _join(pieces: deque[bytes], size: int) -> None:
    """Join the pieces that hold the last `size` bytes. A reader may be taking the pieces before."""
    last = deque[bytes]()
    while size > 0:
        last.appendleft(pieces.pop())
        size -= len(last[0])
    pieces.append(b"".join(last))
