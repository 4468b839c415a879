"""The order in which an order's facts happened, whatever order they arrived in."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.instant import sort_key

StoredFact = list[Any]
"""A fact as rows keep it, compact and quick to read: its members stand at the places named here."""

EVENT, KEY, INSTANT, PAYLOAD_HASH, RECEIVED_AT, SOURCE, CONFLICT = range(7)

Position = tuple[str, int, str, str, str]

_RANKED: Final[tuple[tuple[str, ...], ...]] = (
    ("order.created",),
    ("payment_account.amount_authorized",),
    ("order.opened",),
    ("fulfillment_request.assigned",),
    ("order.items_on_hold", "order.items_swapped", "order.serial_numbers_added"),
    ("fulfillment_request.items_ready_for_handover",),
    ("fulfillment_request.items_failed",),
    ("fulfillment_request.items_completed", "order.shipped"),
    ("order.items_cancelled",),
    ("invoice.created",),
    ("payment_account.amount_captured", "payment_account.amount_voided"),
    ("order.cancelled", "order.completed"),
    ("return.processed", "refund_request.issued"),
    ("payment_account.amount_refunded",),
)

RANK: Final[Mapping[str, int]] = {event: rank for rank, events in enumerate(_RANKED, start=1) for event in events}
"""Which of two events of the same instant came first; unknown names come last."""

UNKNOWN_RANK: Final = len(_RANKED) + 1


def position(fact: StoredFact) -> Position:
    """Return the fact's place in canonical order; the payload hash parts only facts that conflict."""
    event = fact[EVENT]
    return (sort_key(fact[INSTANT]), RANK.get(event, UNKNOWN_RANK), event, fact[KEY], fact[PAYLOAD_HASH])
