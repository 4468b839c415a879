"""Blind returns: they belong to no order that the bridge sees. The goods were bought elsewhere, or came back without a
receipt.

Each is one row: there are few, and nothing more is ever learnt of one. The refund goes to a payment account with an id
of its own, which looks like an order's (`standing.ONLY_REFUNDS`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

import orjson

from processors.orders.fact import ForeignRecordError, key_of, require_own
from processors.orders.ids import EXTERNAL, RETURN
from processors.orders.index import Since, blind_id_prefix
from processors.orders.payload import RETURN_FIELDS
from schemas import headers as header
from schemas.envelope import Envelope, InvalidEnvelope, read_envelope
from schemas.instant import instant_of, is_time
from schemas.routing import order_id_of
from schemas.text import usable_id

BLIND: Final = b"blind/"
"""Prefix of their rows' keys; the rest is a `Since`: when the return was received, and its raw record."""
_EVENT: Final = "return.processed"


class BlindReturn(NamedTuple):
    """One blind return. `place` is the rest of its row's key; `ids` are what it is found by."""

    place: bytes
    row: bytes
    ids: Sequence[tuple[str, str]]

    @classmethod
    def read(cls, key: bytes, row: bytes) -> Self:
        """Read a row."""
        said = orjson.loads(row)
        return cls(key.removeprefix(BLIND), row, _ids(said["return_id"], said["external_order_id"]))

    @property
    def received_ms(self) -> int:
        """When it was received, in milliseconds since 1970."""
        return Since.read(self.place).at

    @property
    def source(self) -> str:
        """Its raw record, as `<raw partition>:<raw offset>`."""
        return Since.read(self.place).id.decode()

    @property
    def record_key(self) -> str:
        """Key of its cleaned record, which decides the partition; see `schemas.routing`."""
        return next((text for kind, text in self.ids if kind == RETURN), _EVENT)

    @property
    def keys(self) -> list[bytes]:
        """Keys of its index rows."""
        return [blind_id_prefix(*each) + self.place for each in self.ids]


def blind_return_of(record: Any) -> BlindReturn | None:
    """Return a record's blind return; None: it has none, or was put aside, for its structure or as somebody else's."""
    headers = dict(record.headers)
    try:
        require_own(headers)
        return blind_return(record.value, headers, record.timestamp)
    except (InvalidEnvelope, ForeignRecordError):
        return None


def blind_return(value: bytes, headers: Mapping[str, bytes], received_ms: int) -> BlindReturn | None:
    """Return the blind return in a cleaned record; None: it has none. InvalidEnvelope, KeyError: dedupe did not write
    it."""
    if headers.get(header.CE_TYPE) != _EVENT.encode():
        return None
    envelope = read_envelope(value)
    if order_id_of(envelope.name, envelope.payload) is not None:
        return None
    return_id, external = usable_id(envelope.payload.get("id")), _external_order_id(envelope.payload)
    source = headers[header.SOURCE]
    document = {
        "return_id": return_id,
        "external_order_id": external,
        "key": key_of(headers),
        "published_at": _published_at(envelope),
        "received_at": headers[header.RECEIVED_AT].decode(),
        "source": source.decode(),
        **{name: read(envelope.payload.get(name)) for name, read in RETURN_FIELDS.items()},
    }
    return BlindReturn(Since(received_ms, source).packed, orjson.dumps(document), _ids(return_id, external))


def _ids(return_id: str | None, external: str | None) -> Sequence[tuple[str, str]]:
    named = ((RETURN, return_id), (EXTERNAL, external))
    return [(kind, text) for kind, text in named if text is not None]


def _published_at(envelope: Envelope) -> str | None:
    instant = instant_of(envelope.published_at)
    return instant if is_time(instant) else None


def _external_order_id(payload: Mapping[str, Any]) -> str | None:
    """The order's external id. The name `external_order_id` was seen; others may come."""
    names = [name for name in payload if "external" in name.lower() and "order" in name.lower()]
    return next((id_ for name in sorted(names) if (id_ := usable_id(payload[name])) is not None), None)
