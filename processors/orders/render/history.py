"""Orders that began before the bridge listened: part of what they are was never sent to it."""

from collections.abc import Mapping
from typing import Any, Final

from processors.orders.canonical import event_of, instant_of
from processors.orders.events import REFUND_REQUESTED, REFUNDED, RETURNED, VOIDED, bits
from processors.orders.order_rules import History
from processors.orders.render.payments import payments_of
from processors.orders.render.view import View
from processors.orders.render.voided import only_gave_back
from processors.orders.row import Row
from schemas.instant import sort_key
from schemas.money import NOTHING

_REFUND_EVENTS: Final = (REFUNDED, REFUND_REQUESTED, VOIDED)
_BACK_EVENTS: Final = (*_REFUND_EVENTS, RETURNED)
_REFUNDS: Final = bits(*_REFUND_EVENTS)
_BACK: Final = bits(*_BACK_EVENTS)
_IS_REFUNDED: Final = bits(REFUNDED)
_IS_VOIDED: Final = bits(VOIDED)


def is_partial_history(view: View, history: History | None, returns: Mapping[str, Any]) -> bool:
    """Return whether what is missing may never come. A refund without anything but its return is a blind return's,
    whose payment account has the id of no order; one of the `returns` (documents) for which nothing went out is not."""
    if has_only_refunds(view.row, or_their_returns=True) and not any(map(_is_unpaid, returns.values())):
        return True
    if history is None:
        return False
    placed = view.details.get("placed_at") or view.details.get("created_at")
    if placed is not None:
        return sort_key(placed) < history.placed
    first = _first_instant(view.row)
    return first is not None and first < history.first_fact


def _is_unpaid(promise: Any) -> bool:
    return promise.refunded == NOTHING and promise.refund_outstanding not in {None, NOTHING}


def has_only_refunds(row: Row, *, or_their_returns: bool = False) -> bool:
    """Return whether nothing else is known of the order, nor voids of anything but credits that it gave back.
    `or_their_returns`: or returns where something was refunded. A blind return may name an order that there is not, and
    to hide an order a loss would have to take the rest of it."""
    seen = row.slots.seen
    with_returns = or_their_returns and seen & _IS_REFUNDED
    if not seen or seen & ~(_BACK if with_returns else _REFUNDS) or (seen & _IS_VOIDED and not _voids_credits(row)):
        return False
    events = _BACK_EVENTS if with_returns else _REFUND_EVENTS
    return all(event_of(fact.place) in events for fact in row.facts)  # unknown events have no bit


def _voids_credits(row: Row) -> bool:
    """Whether what was voided had gone out as a refund; not if nothing is known of it."""
    payments = payments_of(row.slots, row.places).values()
    return bool(payments) and only_gave_back([(action, said.instrument_id) for action, said, *_ in payments])


def _first_instant(row: Row) -> str | None:
    """Of the facts that have one; if none has, when the first was received. None: there is no fact."""
    known = [found for fact in row.facts if (found := instant_of(fact.place))]
    return min(known or (sort_key(fact.received_at) for fact in row.facts), default=None)
