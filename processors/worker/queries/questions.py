"""Questions to a worker about its partitions, from itself or another worker, and what it tells."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

ORDERS, BLIND_RETURNS, EXCHANGES = "orders", "blind_returns", "exchanges"
"""Orders by a parameter of `GET /orders`; returns and refunds of no order; orders in exchange for some returns."""
GAPS, TOTALS = "gaps", "totals"
"""What incomplete or stalled orders, or both, wait for; numbers of orders, by partition."""


MOST_VALUES: Final = 100
"""Returns of an order, or of a page of gaps, in one question; nobody has seen an order with three."""
MOST_QUESTION_BYTES: Final = 256 * 1024
"""Size of a question as workers send it. A value has at most 200 characters, of up to six bytes each in JSON; that of
`q` may be as long as a request line."""
_MOST: Final = 10_000
"""Entries of a page, or partitions."""


class Question(Struct, frozen=True):
    """`what` is one of the names above. `by` and `values` choose entries; `by` empty: all. At most `limit` entries
    behind `after` are wanted."""

    what: str
    limit: Annotated[int, Meta(ge=1, le=_MOST)]
    after: bytes = b""
    by: str = ""
    values: Annotated[list[str], Meta(max_length=MOST_VALUES)] = []


class Asked(Struct, frozen=True):
    """A question to another worker about some partitions. ValueError: one of them is there twice."""

    question: Question
    partitions: Annotated[list[int], Meta(max_length=_MOST)]

    def __post_init__(self) -> None:
        if len(set(self.partitions)) < len(self.partitions):
            raise ValueError("a partition is asked for more than once")


class Told(Struct, frozen=True):
    """The entries found: `entries` and `upto` as in `pages.Page`, `applied` and `read_to` as in `answer.Progress`."""

    entries: list[tuple[bytes, Any]]
    upto: bytes | None
    applied: dict[str, int]
    read_to: dict[str, int]


def packed(message: Asked | Told) -> bytes:
    """The message as workers send it."""
    return msgspec.json.encode(message)


def read_asked(body: bytes) -> Asked:
    """Read a question. msgspec.MsgspecError: no worker of this version sent it."""
    return _ASKED.decode(body)


def read_told(body: bytes) -> Told:
    """Read what a worker told. msgspec.MsgspecError: no worker of this version sent it."""
    return _TOLD.decode(body)


_ASKED, _TOLD = msgspec.json.Decoder(Asked), msgspec.json.Decoder(Told)
