"""Records in memory, of one deployment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from commands.verify.expected import LedgerRules, RawPartition
from schemas.keytable import KeyTable
from schemas.topics import Topics

TOPICS: Final = Topics("n")
TENANT: Final = "acme"
RETENTION_MS: Final = 1000
RULES: Final = LedgerRules(TOPICS, TENANT, KeyTable.shipped(), RETENTION_MS)


@dataclass(slots=True)
class InMemory:
    """A consumed record."""

    value: bytes | None
    topic: str = TOPICS.raw
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


def body(name: str, payload: dict[str, Any], published_at: str = "2026-01-01T00:00:00Z", tenant: str = TENANT) -> bytes:
    """A webhook body."""
    return orjson.dumps({"tenant": tenant, "name": name, "published_at": published_at, "payload": payload})


def outcomes(bodies: Sequence[bytes], times: Sequence[int] | None = None) -> list[str]:
    """What becomes of these raw records, the first of their partition."""
    partition = RawPartition(RULES, history_from=None)
    found = []
    for offset, value in enumerate(bodies):
        record = InMemory(value, offset=offset, timestamp=times[offset] if times else 0)
        (expected,) = partition.possible(record)
        partition.settle(record, expected)
        found.append(expected.outcome.value)
    return found
