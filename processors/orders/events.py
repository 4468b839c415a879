"""The events that order states are made of, as sets of bits: which kinds were seen, which kinds name an item."""

from collections.abc import Mapping
from typing import Final

OTHER_REQUEST: Final = "fulfillment_request.*"
"""Stands for the events of a request whose names nobody knows."""

_NAMES: Final = (
    "order.created",
    "order.opened",
    "order.shipped",
    "order.completed",
    "order.cancelled",
    "order.items_cancelled",
    "order.items_on_hold",
    "order.items_swapped",
    "order.serial_numbers_added",
    "fulfillment_request.assigned",
    "fulfillment_request.items_ready_for_handover",
    "fulfillment_request.items_failed",
    "fulfillment_request.items_completed",
    "payment_account.amount_authorized",
    "payment_account.amount_captured",
    "payment_account.amount_voided",
    "payment_account.amount_refunded",
    "return.processed",
    "refund_request.issued",
    "invoice.created",
    OTHER_REQUEST,
)
"""Rows hold their places here as bits: new ones go to the end."""

BIT: Final[Mapping[str, int]] = {name: 1 << place for place, name in enumerate(_NAMES)}


def bits(*names: str) -> int:
    """Return the set of these events; a name that ends in `.*` stands for all of an entity."""
    every = {bit for name in names for known, bit in BIT.items() if _is_one(known, name)}
    return sum(every)


def _is_one(known: str, name: str) -> bool:
    return known.startswith(name[:-1]) if name.endswith("*") else known == name


def bit_of(event: str) -> int:
    """Return the event's bit, 0 for one that says nothing about the order's state."""
    return BIT.get(event) or (BIT[OTHER_REQUEST] if event.startswith("fulfillment_request.") else 0)


REQUEST: Final = bits("fulfillment_request.*")
"""Whatever tells of a fulfilment request."""
IN_REQUEST: Final = REQUEST & ~BIT[OTHER_REQUEST]
"""Whatever says what becomes of a request's items."""

CANCELLED: Final = bits("order.cancelled")
COMPLETED: Final = bits("order.completed")

PAYMENT_ACTION: Final[Mapping[str, str]] = {
    "payment_account.amount_authorized": "authorized",
    "payment_account.amount_captured": "captured",
    "payment_account.amount_voided": "voided",
    "payment_account.amount_refunded": "refunded",
}
