"""What a worker is asked about the partitions that it has, by itself or by another worker."""

from typing import Any

import msgspec
from msgspec import Struct

ORDERS, BLIND_RETURNS, EXCHANGES = "orders", "blind_returns", "exchanges"
"""Orders by a parameter of `GET /orders`; returns and refunds of no order; orders in exchange for some returns."""
GAPS, TOTALS = "gaps", "totals"
"""What orders wait for that are incomplete or stalled, or only one of both; numbers of orders, by partition."""


class Question(Struct, frozen=True):
    """`what` is one of these. `by` and `values` say which, `by` empty: all; at most `limit` entries behind `after`."""

    what: str
    limit: int
    after: bytes = b""
    by: str = ""
    values: list[str] = []


class Asked(Struct, frozen=True):
    """A question about some partitions, as one worker asks another."""

    question: Question
    partitions: list[int]


class Told(Struct, frozen=True):
    """What there is, in the order of places: `entries` and `upto` as `pages.Page` has them. `applied` and `read_to`:
    see `answer.Progress`."""

    entries: list[tuple[bytes, Any]]
    upto: bytes | None
    applied: dict[str, int]
    read_to: dict[str, int]


def packed(message: Asked | Told) -> bytes:
    """As workers send it."""
    return msgspec.json.encode(message)


def read_asked(body: bytes) -> Asked:
    """msgspec.MsgspecError: no worker of this version sent it."""
    return _ASKED.decode(body)


def read_told(body: bytes) -> Told:
    """As above."""
    return _TOLD.decode(body)


_ASKED, _TOLD = msgspec.json.Decoder(Asked), msgspec.json.Decoder(Told)
