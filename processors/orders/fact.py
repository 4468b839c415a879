"""One fact: what a cleaned event tells of its order."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from processors.orders.canonical import Place, place_of
from processors.orders.payload import said_of
from processors.orders.said import Said
from processors.orders.typed import decoded
from schemas import headers as header
from schemas.envelope import read_envelope
from schemas.instant import instant_of
from schemas.routing import order_id_of

_WRITTEN: Final = (header.CE_ID, header.CE_TYPE, header.PAYLOAD_HASH, header.RECEIVED_AT, header.SOURCE)


class ForeignRecordError(Exception):
    """A record of the orders topic that dedupe did not write: it lacks one of its headers."""


class Fact(Struct, frozen=True):
    """An event of one order, reduced to what its state is made of.

    `key` is the contract's key string, `source` is `<raw partition>:<raw offset>`, `received_at` RFC 3339 UTC
    with milliseconds. `conflict`: a different payload was seen under the same key before.
    """

    order_id: str
    tenant: str
    event: str
    key: str
    place: Place
    received_at: str
    source: str
    conflict: bool
    said: Said


def fact_of(value: bytes, headers: Mapping[str, bytes]) -> Fact | None:
    """Return the fact in a cleaned record of the orders topic, None if the event belongs to no order.

    Key, payload hash and instant come from the headers, as dedupe decided them; the payload comes from the body.
    InvalidEnvelope: no fact can be made of the body, or not any more. ForeignRecordError: dedupe did not write it.
    """
    require_own(headers)
    key, time = key_of(headers), headers.get(header.CE_TIME)
    event = headers[header.CE_TYPE].decode()
    if time is not None and (found := decoded(event, value)) is not None:
        instant, (tenant, payload) = time.decode(), found
    else:
        envelope = read_envelope(value)
        event, tenant, payload = envelope.name, envelope.tenant, envelope.payload
        instant = instant_of(envelope.published_at) if time is None else time.decode()
    order_id = order_id_of(event, payload)
    if order_id is None:
        return None
    return Fact(
        order_id=order_id,
        tenant=tenant,
        event=event,
        key=key,
        place=place_of(instant, event, key, headers[header.PAYLOAD_HASH].decode()),
        received_at=headers[header.RECEIVED_AT].decode(),
        source=headers[header.SOURCE].decode(),
        conflict=headers.get(header.CONFLICT) == b"true",
        said=said_of(event, payload),
    )


def require_own(headers: Mapping[str, bytes | None]) -> None:
    """ForeignRecordError: a header is missing that dedupe always writes."""
    if lacking := [name for name in _WRITTEN if headers.get(name) is None]:
        raise ForeignRecordError(f"it has no {', '.join(lacking)}: the bridge has not written it")


def key_of(headers: Mapping[str, bytes]) -> str:
    """Return the key string in `ce_id`: `<tenant>/<event name>/<key string>[~<payload hash>]`. KeyError: none there."""
    ce_id, payload_hash = headers[header.CE_ID].decode(), headers[header.PAYLOAD_HASH].decode()
    return ce_id.rpartition("/")[2].removesuffix(f"~{payload_hash}")  # no part holds a bare slash
