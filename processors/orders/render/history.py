"""Orders that began before the bridge listened: part of what they are was never sent to it."""

from typing import Final

from processors.orders.canonical import event_of, instant_of
from processors.orders.events import bits
from processors.orders.render.view import View
from processors.orders.row import Row
from processors.orders.summary import History
from schemas.instant import sort_key

_REFUND_EVENTS: Final = ("payment_account.amount_refunded", "refund_request.issued")
_REFUNDS: Final = bits(*_REFUND_EVENTS)


def is_partial_history(view: View, history: History | None) -> bool:
    """Return whether what is missing may never come. A refund without anything else is a blind return's, whose payment
    account has the id of no order."""
    if has_only_refunds(view.row):
        return True
    if history is None:
        return False
    placed = view.details.get("placed_at") or view.details.get("created_at")
    if placed is not None:
        return sort_key(placed) < history.placed
    first = _first_instant(view.row)
    return first is not None and first < history.first_fact


def has_only_refunds(row: Row) -> bool:
    """Return whether nothing else is known of the order."""
    seen = row.slots.seen
    if not seen or seen & ~_REFUNDS:
        return False
    return all(event_of(fact.place) in _REFUND_EVENTS for fact in row.facts)  # unknown events have no bit


def _first_instant(row: Row) -> str | None:
    """Of the facts that have one; if none has, when the first was received. None: there is no fact."""
    known = [found for fact in row.facts if (found := instant_of(fact.place))]
    return min(known or (sort_key(fact.received_at) for fact in row.facts), default=None)
