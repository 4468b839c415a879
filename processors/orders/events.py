"""The events that order states are made of: their names, and sets of them as bits."""

from collections.abc import Mapping
from typing import Final

CREATED: Final = "order.created"
OPENED: Final = "order.opened"
SHIPPED: Final = "order.shipped"
COMPLETED: Final = "order.completed"
ASSIGNED: Final = "fulfillment_request.assigned"
ITEMS_COMPLETED: Final = "fulfillment_request.items_completed"
AUTHORIZED: Final = "payment_account.amount_authorized"
CAPTURED: Final = "payment_account.amount_captured"
VOIDED: Final = "payment_account.amount_voided"
REFUNDED: Final = "payment_account.amount_refunded"
RETURNED: Final = "return.processed"
REFUND_REQUESTED: Final = "refund_request.issued"
OTHER_REQUEST: Final = "fulfillment_request.*"
"""Stands for a request's events of unknown names."""

_NAMES: Final = (
    CREATED,
    OPENED,
    SHIPPED,
    COMPLETED,
    "order.cancelled",
    "order.items_cancelled",
    "order.items_on_hold",
    "order.items_swapped",
    "order.serial_numbers_added",
    ASSIGNED,
    "fulfillment_request.items_ready_for_handover",
    "fulfillment_request.items_failed",
    ITEMS_COMPLETED,
    AUTHORIZED,
    CAPTURED,
    VOIDED,
    REFUNDED,
    RETURNED,
    REFUND_REQUESTED,
    "invoice.created",
    OTHER_REQUEST,
)
"""Rows store the places here as bits: add new names at the end."""

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
"""Any event of a fulfilment request."""
IN_REQUEST: Final = REQUEST & ~BIT[OTHER_REQUEST]
"""Events that say what becomes of a request's items."""

IS_CREATED: Final = bits(CREATED)
IS_OPENED: Final = bits(OPENED)
IS_CANCELLED: Final = bits("order.cancelled")
IS_COMPLETED: Final = bits(COMPLETED)
NEEDS_OPENED: Final = REQUEST | bits(COMPLETED, SHIPPED, "invoice.created")
"""Events that only an opened order has. Those of the grace period are not among them: items are swapped, cancelled and
held there, too."""

PAYMENT_ACTION: Final[Mapping[str, str]] = {
    AUTHORIZED: "authorized",
    CAPTURED: "captured",
    VOIDED: "voided",
    REFUNDED: "refunded",
}
