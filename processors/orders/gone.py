"""What is left of an order that was forgotten or erased: which of both, and since when, by a hash of its id. Pure.

What came before is not joined again, whoever reads it: a record kept to be tried again, or a migration that reads raw
from its beginning. What comes later begins a forgotten order anew, and does nothing for an erased one.
"""

from hashlib import blake2b
from typing import Final, NamedTuple, Self

import orjson

from bridge.kafka.partitioner import murmur2
from processors.orders.row import RULES_VERSION, Row, dump

GONE: Final = b"gone/"
"""Prefix of such rows' keys; the rest is the hash."""
_HASH_BYTES: Final = 16


def gone_key(order_id: str) -> bytes:
    """Key of the row."""
    return GONE + blake2b(order_id.encode(), digest_size=_HASH_BYTES).hexdigest().encode()


class Gone(NamedTuple):
    """`at` is when an order was erased, or since when nothing had come of a forgotten one, as far as that was known
    (RFC 3339 with milliseconds). When it was forgotten would be too late: an event may have come by then without being
    joined. `murmur2` is Kafka's hash of the order's id, for a migration to more partitions: the id itself is lost."""

    at: str
    erased: bool
    murmur2: int

    @classmethod
    def of(cls, order_id: str, at: str, *, erased: bool) -> Self:
        """Make it for an order that goes."""
        return cls(at, erased, murmur2(order_id.encode()))

    @classmethod
    def read(cls, row: bytes) -> Self:
        """Read a row."""
        return cls(*orjson.loads(row))

    def dump(self) -> bytes:
        """As a row."""
        return orjson.dumps([*self])

    def takes(self, received_at: str) -> bool:
        """Whether an event received then (RFC 3339 with milliseconds) still makes an order."""
        return not self.erased and received_at >= self.at

    def in_words(self) -> str:
        """Say it to whoever asks for the order."""
        if self.erased:
            return f"it was erased at {self.at}"
        return f"it was forgotten: nothing came of it since {self.at}"

    def begun_anew(self, order_id: str, tenant: str) -> bytes:
        """The row with which the order begins again, without anything from before."""
        return dump(Row(RULES_VERSION, order_id, tenant, forgotten_until=self.at))
