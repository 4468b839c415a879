"""One fact: what a cleaned event tells of its order."""

from collections.abc import Mapping
from dataclasses import dataclass

from processors.orders.canonical import Place, place_of
from processors.orders.payload import said_of
from processors.orders.said import Said
from schemas import headers as header
from schemas.envelope import read_envelope
from schemas.instant import instant_of
from schemas.routing import order_id_of


@dataclass(frozen=True, slots=True)
class Fact:
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

    Identity (key, payload hash, instant) is what dedupe decided and wrote into the headers; the body gives the
    payload. Raises `InvalidEnvelope` or `KeyError` for a record that dedupe did not write.
    """
    envelope = read_envelope(value)
    order_id = order_id_of(envelope.name, envelope.payload)
    if order_id is None:
        return None
    time, key = headers.get(header.CE_TIME), key_of(headers)
    instant = instant_of(envelope.published_at) if time is None else time.decode()
    return Fact(
        order_id=order_id,
        tenant=envelope.tenant,
        event=envelope.name,
        key=key,
        place=place_of(instant, envelope.name, key, headers[header.PAYLOAD_HASH].decode()),
        received_at=headers[header.RECEIVED_AT].decode(),
        source=headers[header.SOURCE].decode(),
        conflict=headers.get(header.CONFLICT) == b"true",
        said=said_of(envelope.name, envelope.payload),
    )


def key_of(headers: Mapping[str, bytes]) -> str:
    """Return the key string in `ce_id`: `<tenant>/<event name>/<key string>[~<payload hash>]`. KeyError: none there."""
    ce_id, payload_hash = headers[header.CE_ID].decode(), headers[header.PAYLOAD_HASH].decode()
    return ce_id.rpartition("/")[2].removesuffix(f"~{payload_hash}")  # no part holds a bare slash
