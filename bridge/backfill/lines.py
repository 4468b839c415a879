"""The lines of an export file, in bounded memory."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

_PIECE: Final = 1 << 20
_IGNORED: Final = frozenset({b"", b"temp"})
_LONGEST_IGNORED: Final = 64


class Line(NamedTuple):
    """One line. `number` counts from 1, `end` is the position behind it in the (uncompressed) stream.

    `body` is without the newline; of a line longer than the limit it is what fits, while `size` is the whole line's.
    """

    number: int
    body: bytes
    size: int
    end: int

    @property
    def is_no_delivery(self) -> bool:
        """Whether it is blank, or `temp`, which NewStore leaves in its files."""
        return self.size <= _LONGEST_IGNORED and self.body.strip() in _IGNORED


def read_lines(stream: BinaryIO, limit: int, number: int, position: int) -> Iterator[Line]:
    """The lines behind `position`, the stream's own, up to its end; `number` lines came before.

    The last line needs no newline. Of a line over `limit` bytes the rest is passed over.
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
    """Read to the end of the line: how many bytes it still had, and how many its newline has."""
    size = 0
    while piece := stream.readline(_PIECE):
        size += len(piece)
        if piece.endswith(b"\n"):
            return size - 1, 1
    return size, 0
