"""What the ledger looks at in a Kafka record, and how it remembers one in 16 bytes."""

from hashlib import blake2b
from typing import Final, NamedTuple

from schemas.outcome import Reason

REFUSED: Final = Reason.HANDLER_FAILED.encode()
"""Stands in for the event id of a quarantined record that no handler could process."""


class Output(NamedTuple):
    """One record that a raw record has led to, or should have; `content` is a digest."""

    topic: str
    content: bytes


def content(key: bytes | None, value: bytes | None, ce_id: bytes = b"") -> bytes:
    """16 bytes that stand for a record's key, value and event id."""
    digest = blake2b(digest_size=16)
    for part in (key, value, ce_id):
        digest.update(b"-" if part is None else b"%d:" % len(part))
        digest.update(part or b"")
    return digest.digest()
