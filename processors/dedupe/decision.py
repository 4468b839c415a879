"""What becomes of one event, given what was seen before. Pure."""

import struct
from collections.abc import Callable
from typing import Final, NamedTuple, Self

from schemas.outcome import Outcome
from schemas.text import percent_encode

_FORMAT = 1
_HEAD = struct.Struct(">BIqq")
_ACCEPTED = b"+accept/"  # no event's row starts so: in a percent-encoded name there is no plus sign
_new: Final = tuple.__new__  # as in schemas.headers


class Seen(NamedTuple):
    """A row of the table "seen": the first record under a key, or the first with one more payload under it.

    ``partition`` and ``offset`` are the raw record's, ``timestamp`` is its in milliseconds. The partition is the
    table's own, unless the deployment had fewer partitions when the record came.
    """

    partition: int
    offset: int
    timestamp: int
    payload_hash: bytes

    def pack(self) -> bytes:
        """As the table stores it."""
        partition, offset, timestamp, payload_hash = self
        return _HEAD.pack(_FORMAT, partition, offset, timestamp) + payload_hash

    @classmethod
    def unpack(cls, row: bytes) -> Self:
        """From a row of the table. ValueError: it has another format, and must not be taken for what it is not."""
        return _new(cls, (*_head(row), row[_HEAD.size :]))

    def is_before(self, other: Self) -> bool:
        """Whether its record came before the other's: by offset, or by time where partitions differ."""
        if self.partition == other.partition:
            return self.offset < other.offset
        return self.timestamp < other.timestamp

    @staticmethod
    def time_of(row: bytes) -> int:
        """``timestamp`` of a packed row. ValueError as in ``unpack``."""
        return _head(row)[2]


def _head(row: bytes) -> tuple[int, int, int]:
    version, partition, offset, timestamp = _HEAD.unpack_from(row)
    if version != _FORMAT:
        raise ValueError(f"a row of format {version}, not {_FORMAT}: another version of the bridge wrote it")
    return partition, offset, timestamp


Lookup = Callable[[bytes], bytes | None]


class Verdict(NamedTuple):
    """``row_key`` is that of the row to write (None for a duplicate) and ``row`` the row, ``first`` the record that has
    the key already. Where an event came again ``repeats`` is its row's key, and ``first`` what that says."""

    outcome: Outcome
    row_key: bytes | None = None
    row: bytes | None = None
    first: Seen | None = None
    repeats: bytes | None = None


DUPLICATE = Verdict(Outcome.DUPLICATE)
"""Of what an operator published: no delivery of an event."""


def row_key(event: str, key: str) -> bytes:
    """The row of an event, by its name and its key string."""
    return f"{percent_encode(event)}/{key}".encode()


def conflict_key(key: bytes, payload_hash: bytes) -> bytes:
    """The row of another payload under the key of a row."""
    return b"%s~%s" % (key, payload_hash)


def accepted_key(position: bytes) -> bytes:
    """The row of the acceptance of a conflict, by its place in the conflicts topic, ``<partition>:<offset>``."""
    return _ACCEPTED + position


def decide(key: bytes, seen: Seen, lookup: Lookup, retention_ms: int) -> Verdict:
    """The verdict on an event with this key, which is ``seen`` now.

    A payload not seen under its key before is a conflict and gets a row of its own, so that its re-delivery is
    a duplicate like any other. Ages are compared by the records' times: when a row is purged changes nothing.
    """
    row = lookup(key)
    if row is None:
        return _new(Verdict, (Outcome.UNIQUE, key, seen.pack(), None, None))
    first = Seen.unpack(row)
    if seen.timestamp - first.timestamp > retention_ms:
        return Verdict(Outcome.UNIQUE, key, seen.pack())
    if first.payload_hash == seen.payload_hash:
        return _new(Verdict, (Outcome.DUPLICATE, None, None, first, key))
    of_payload = conflict_key(key, seen.payload_hash)
    known = _unpack(lookup(of_payload))
    if known is None or known.is_before(first):  # older than the key: from before it was forgotten
        return Verdict(Outcome.CONFLICT, of_payload, seen.pack(), first)
    return Verdict(Outcome.DUPLICATE, None, None, known, of_payload)


def decide_accepted(position: bytes, seen: Seen, lookup: Lookup, retention_ms: int) -> Verdict:
    """The verdict on a conflict that was held back until an operator accepted it, and is ``seen`` now; ``position`` is
    its place in the conflicts topic, ``<partition>:<offset>``. The first one is unique, every other one a duplicate.
    """
    key = accepted_key(position)
    known = _unpack(lookup(key))
    if known is None or seen.timestamp - known.timestamp > retention_ms:
        return Verdict(Outcome.UNIQUE, key, seen.pack())
    return DUPLICATE


def _unpack(row: bytes | None) -> Seen | None:
    return None if row is None else Seen.unpack(row)
