"""Bodies that cost as much as they can, within the bound on structure and beyond it."""

import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_STRUCTURAL: Final = b"[]{}:,"
_BYTES_EACH: Final = 4


def _event(name: str, number: int, value: bytes) -> bytes:
    """An event of an order, so that both agents of the worker get it. `number` makes it another order."""
    head = b'{"tenant":"bench","name":"%s","published_at":"2026-01-01T00:00:00Z","payload":' % name.encode()
    return head + b'{"id":"%d","items":[],"a":%s}}' % (number, value)


def _within(piece: bytes) -> bytes:
    """The piece, padded until it has as much structure as it may."""
    structure = len(piece) - len(piece.translate(None, _STRUCTURAL))
    return piece + b" " * (_BYTES_EACH * structure - len(piece))


def _levels(count: int, opening: bytes, closing: bytes, inmost: bytes = b"") -> bytes:
    return opening * count + inmost + closing * count + b","


_EXACT: Final = b"1E5"
_SURROGATE: Final = rb'"\ud800"'

PIECES: Final[Mapping[str, tuple[bytes, bytes]]] = MappingProxyType(
    {
        "objects of six": (b'{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6},', _EXACT),
        "objects, 490 levels": (_levels(490, b'{"":', b"}", b"1"), _EXACT),
        "arrays, 490 levels": (_levels(490, b"[", b"]"), _EXACT),
        "objects of one": (b'{"":1},', _EXACT),
        "texts": (b'"ab",', _EXACT),
        "ones": (b"1,", _SURROGATE),
    }
)
"""What is repeated, and what makes the exact pass necessary at the end."""


def within(name: str, size: int, number: int) -> bytes:
    """About `size` bytes of the piece, with as much structure as the bound allows."""
    piece, last = PIECES[name]
    piece = _within(piece)
    return _event("order.created", number, b"[" + piece * ((size - 200) // len(piece)) + last + b"]")


def beyond(name: str, size: int, number: int) -> bytes:
    """The same without padding: an ingress accepted it before the bound existed."""
    piece, last = PIECES[name]
    return _event("order.created", number, b"[" + piece * ((size - 200) // len(piece)) + last + b"]")


def different_numbers(size: int, number: int) -> bytes:
    """Numbers of which no two are the same object, and a lone surrogate."""
    values = b",".join(b"%d" % each for each in range(100_000, 100_000 + size // 7 - 50))
    return _event("order.created", number, b"[%s,%s]" % (values, _SURROGATE))


def noise(size: int, number: int) -> bytes:
    """A body that no compression makes small."""
    return _event("order.created", number, b'"%s"' % random.Random(number).randbytes(size // 2 - 100).hex().encode())


def ordinary(number: int) -> bytes:
    """Some 700 bytes."""
    lines = b",".join(b'{"id":"%d-%d","product_id":"1234567","quantity":1}' % (number, line) for line in range(8))
    return _event("order.opened", 10_000_000 + number, b"[%s]" % lines)
