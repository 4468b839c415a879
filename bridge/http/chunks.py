"""Chunks of a body: many small ones cost more than what is in them."""

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from aiohttp.streams import StreamReader

from bridge.http.bounds import CHUNK_BYTES, FEW_CHUNKS, HEAD_BYTES
from bridge.http.errors import BodyCrumbled

_FEW_PIECES: Final = 16
_FRAME_BYTES: Final = 16
"""Of a chunk, beside what is in it and its extension."""


class Chunks:
    """Those of the last chunked body of a connection."""

    __slots__ = ("_beside", "_body", "_count", "_size")

    def __init__(self) -> None:
        self._body: StreamReader | None = None
        self._count = self._size = self._beside = 0

    @property
    def are_incomplete(self) -> bool:
        """Whether more of them are to come, be it as the last thing of the connection."""
        return self._body is not None

    def take(self, requests: Sequence[tuple[Any, StreamReader]], came: int, *, kept: bool) -> None:
        """Bytes of the body `came`, and the chunked ones among `requests`, which begin behind it. The parser may have
        `kept` some of what came for later.

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
        """aiohttp looks for more to read after each piece that a reader takes, which costs ten times as much as to find
        a chunk: so what came in many is one piece."""
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
        return self._beside if grown else 0  # else it is a trailer, perhaps


def _join(pieces: deque[bytes], size: int) -> None:
    """Make the last bytes, which came in whole pieces, one. A reader may be taking those before."""
    last = deque[bytes]()
    while size > 0:
        last.appendleft(pieces.pop())
        size -= len(last[0])
    pieces.append(b"".join(last))
