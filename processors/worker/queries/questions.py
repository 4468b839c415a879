"""What a worker is asked about the partitions that it has, by itself or by another worker."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

ORDERS, BLIND_RETURNS, EXCHANGES = "orders", "blind_returns", "exchanges"
"""Orders by a parameter of `GET /orders`; returns and refunds of no order; orders in exchange for some returns."""
GAPS, TOTALS = "gaps", "totals"
"""What orders wait for that are incomplete or stalled, or only one of both; numbers of orders, by partition."""


MOST_VALUES: Final = 100
"""Returns of an order, or of a page of gaps; nobody has seen an order with three."""
MOST_QUESTION_BYTES: Final = 256 * 1024
"""Of a question as workers send it: each of the values has 200 characters at most, of six bytes in JSON; that of `q` is
as long as the line of a request may be."""
_MOST: Final = 10_000
"""Entries, one for each partition at most, or a page of them."""


class Question(Struct, frozen=True):
    """`what` is one of these. `by` and `values` say which, `by` empty: all; at most `limit` entries behind `after`."""

    what: str
    limit: Annotated[int, Meta(ge=1, le=_MOST)]
    after: bytes = b""
    by: str = ""
    values: Annotated[list[str], Meta(max_length=MOST_VALUES)] = []


class Asked(Struct, frozen=True):
    """A question about some partitions, each once, as one worker asks another."""

    question: Question
    partitions: Annotated[list[int], Meta(max_length=_MOST)]

    def __post_init__(self) -> None:
        if len(set(self.partitions)) < len(self.partitions):
            raise ValueError("a partition is asked for more than once")


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
