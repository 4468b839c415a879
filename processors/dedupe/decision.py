"""What becomes of one event, given what was seen before. Pure."""

import struct
from collections.abc import Callable
from typing import Final, NamedTuple, Self

from schemas.outcome import Outcome
from schemas.text import percent_encode

_FORMAT = 1
_HEAD = struct.Struct(">BIqq")
_ACCEPTED = b"+accept/"  # no event's row starts like this: a percent-encoded name has no plus sign
_new: Final = tuple.__new__  # as in schemas.headers


class Seen(NamedTuple):
    """A row of the table "seen": the first record of a key, or of another payload under that key.

    ``partition``, ``offset`` and ``timestamp`` (ms) are the raw record's. The partition is the table's own, unless the
    deployment had fewer partitions when the record came.
    """

    partition: int
    offset: int
    timestamp: int
    payload_hash: bytes

    def pack(self) -> bytes:
        """The row as the table stores it."""
        partition, offset, timestamp, payload_hash = self
        return _HEAD.pack(_FORMAT, partition, offset, timestamp) + payload_hash

    @classmethod
    def unpack(cls, row: bytes) -> Self:
        """Read a row of the table. ValueError: the row has another format."""
        return _new(cls, (*_head(row), row[_HEAD.size :]))

    def is_before(self, other: Self) -> bool:
        """Whether this record came before the other one: by offset, or by time if their partitions differ."""
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
    """What becomes of an event. ``row_key``, ``row``: the row to write; None for a duplicate. ``first``: the record
    that already has the key. For a re-delivery ``repeats`` is the key of the event's row, and ``first`` is that row."""

    outcome: Outcome
    row_key: bytes | None = None
    row: bytes | None = None
    first: Seen | None = None
    repeats: bytes | None = None


DUPLICATE = Verdict(Outcome.DUPLICATE)
"""For what an operator published: it is no delivery of the event, so it is not counted as one."""


def row_key(event: str, key: str) -> bytes:
    """The key of an event's row, from the event's name and key string."""
    return f"{percent_encode(event)}/{key}".encode()


def conflict_key(key: bytes, payload_hash: bytes) -> bytes:
    """The key of the row for another payload under ``key``."""
    return b"%s~%s" % (key, payload_hash)


def accepted_key(position: bytes) -> bytes:
    """The key of the row for an accepted conflict; ``position``: its place in the conflicts topic,
    ``<partition>:<offset>``."""
    return _ACCEPTED + position


def decide(key: bytes, seen: Seen, lookup: Lookup, retention_ms: int) -> Verdict:
    """The verdict on the event with this key that is ``seen`` now.

    A new payload under a known key is a conflict. It gets a row of its own, so its re-delivery is a duplicate like any
    other. Ages are compared by the records' times, so it does not matter when rows are purged.
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
    if known is None or known.is_before(first):  # older than the key's row: from before the key was forgotten
        return Verdict(Outcome.CONFLICT, of_payload, seen.pack(), first)
    return Verdict(Outcome.DUPLICATE, None, None, known, of_payload)


def decide_accepted(position: bytes, seen: Seen, lookup: Lookup, retention_ms: int) -> Verdict:
    """The verdict on a held-back conflict that an operator has accepted. The first acceptance of a ``position`` (see
    ``accepted_key``) is unique, and each later one within the retention is a duplicate."""
    key = accepted_key(position)
    known = _unpack(lookup(key))
    if known is None or seen.timestamp - known.timestamp > retention_ms:
        return Verdict(Outcome.UNIQUE, key, seen.pack())
    return DUPLICATE


def _unpack(row: bytes | None) -> Seen | None:
    return None if row is None else Seen.unpack(row)
