"""Where a cleaned event goes: its aggregate, its record key, and the order it belongs to."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from schemas.envelope import InvalidEnvelope, read_envelope
from schemas.events import entity_of
from schemas.text import usable_id

_AGGREGATES: Final[Mapping[str, str]] = {
    "order": "orders",
    "fulfillment_request": "orders",
    "invoice": "orders",
    "return": "orders",
    "refund_request": "orders",
    "payment_account": "orders",
    "inventory_transaction": "inventory",
    "inventory_count": "inventory",
    "customer": "customers",
    "consumer_profile": "customers",  # no documented event has it, but some on NewStore's bus do
    "employee": "employees",
    "cash_drawer": "cash-drawers",
    "gift_card": "gift-cards",
}

_ORDER_ID_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("id",),
    "fulfillment_request": ("order_id",),
    "invoice": ("order_id",),
    "return": ("order_id",),
    "refund_request": ("order_id",),  # `payment_account_id`, too, would change record keys: a new canonicalisation
    "payment_account": ("order_id", "id"),  # a payment account has its order's id
}
"""Fields of the payload that name the order. The first usable one counts."""


@lru_cache(maxsize=1024)
def aggregate_of(event_name: str) -> str:
    """Return one of `schemas.topics.AGGREGATES`; `unknown` for an entity that is not known yet."""
    return _AGGREGATES.get(entity_of(event_name), "unknown")


@lru_cache(maxsize=1024)
def _order_id_fields(event_name: str) -> tuple[str, ...]:
    return _ORDER_ID_FIELDS.get(entity_of(event_name), ())


def order_id_of(event_name: str, payload: Mapping[str, Any]) -> str | None:
    """Return the id of the order that the event belongs to; None if it belongs to none, as a blind return does."""
    for field in _order_id_fields(event_name):
        order_id = usable_id(payload.get(field))
        if order_id is not None:
            return order_id
    return None


def order_id_in(body: bytes) -> str | None:
    """Return the id of the order that a raw or cleaned record's event belongs to. None: it belongs to none, or the body
    is no event."""
    try:
        envelope = read_envelope(body)
    except InvalidEnvelope:
        return None
    return order_id_of(envelope.name, envelope.payload)


def record_key(event_name: str, payload: Mapping[str, Any]) -> str:
    """Return the cleaned record's key: the order's id, else the entity's, else the event's name."""
    order_id = order_id_of(event_name, payload)
    if order_id is not None:
        return order_id
    return usable_id(payload.get("id")) or event_name
