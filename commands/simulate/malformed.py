"""Invalid envelopes, each made from a valid body and broken in another way."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

import orjson

_Breaker = Callable[[dict[str, Any], bytes], bytes]


def _without(field: str) -> _Breaker:
    return lambda envelope, _: orjson.dumps({name: value for name, value in envelope.items() if name != field})


def _with(field: str, value: object) -> _Breaker:
    return lambda envelope, _: orjson.dumps(envelope | {field: value})


_BREAKERS: Final[tuple[_Breaker, ...]] = (
    lambda _, body: body[: len(body) // 2],
    lambda _, body: body.replace(b'"name"', b'"na\xffme"', 1),
    lambda _, body: b"[" + body + b"]",
    lambda _, body: body[:0],
    lambda _, body: b"<html>" + body + b"</html>",
    lambda _, body: body + b"}",
    lambda _, body: body.decode().encode("utf-16"),
    _without("tenant"),
    _without("name"),
    _without("payload"),
    _with("name", ""),
    _with("name", 42),
    _with("payload", ["not", "an", "object"]),
    _with("tenant", "somebody-else"),
)


def malformed(rng: Random, body: bytes) -> bytes:
    """`body`, which is valid, broken in one of these ways."""
    return rng.choice(_BREAKERS)(orjson.loads(body), body)
