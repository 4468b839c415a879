"""Events on which the code failed: listed in their order's state, and kept to be tried again by another version."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson

from processors.orders.fact import key_of
from schemas import headers as header
from schemas.envelope import read_envelope
from schemas.routing import order_id_of

StoredEntry = list[Any]
"""An entry of an order's row: event, key, source, reason, received_at."""

EVENT, SOURCE, RECEIVED = 0, 2, 4
"""Indexes into it."""

LISTED: Final = 50
"""An order lists at most so many: up to about 3 kB each, and each costs a row and a state."""


@dataclass(frozen=True, slots=True)
class Unprocessed:
    """One such event: its order, and what that order's row keeps of it."""

    order_id: str
    tenant: str
    entry: StoredEntry

    @property
    def source(self) -> str:
        """Its raw record, as `<raw partition>:<raw offset>`."""
        source: str = self.entry[SOURCE]
        return source


def unprocessed(value: bytes, headers: Mapping[str, bytes], reason: str) -> Unprocessed | None:
    """The event in a record of the orders topic; None: it belongs to no order, or nothing says to which one."""
    try:
        envelope = read_envelope(value)
        source, received_at = headers[header.SOURCE].decode(), headers[header.RECEIVED_AT].decode()
        entry = [envelope.name, key_of(headers), source, reason, received_at]
    except (ValueError, KeyError):  # not a record that dedupe wrote
        return None
    order_id = order_id_of(envelope.name, envelope.payload)
    return None if order_id is None else Unprocessed(order_id, envelope.tenant, entry)


def unprocessed_documents(entries: Sequence[StoredEntry]) -> list[dict[str, str]]:
    """The document's `unprocessed`, in an order that does not depend on arrival."""
    return [
        {"event": event, "key": key, "source": source, "reason": reason}
        for event, key, source, reason, _ in sorted(entries)
    ]


def pack(value: bytes, headers: Mapping[str, bytes | None]) -> bytes:
    """The row that keeps a record: its headers as a line of JSON, then its body. It leaves out headers without a value
    or text: another writer's, which dedupe carries on and nobody reads."""
    return orjson.dumps(dict(_texts(headers))) + b"\n" + value


def _texts(headers: Mapping[str, bytes | None]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        if value is not None:
            with suppress(UnicodeDecodeError):
                yield name, value.decode()


def unpack(row: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Body and headers of a kept record."""
    head, _, value = row.partition(b"\n")
    return value, {name: text.encode() for name, text in orjson.loads(head).items()}
