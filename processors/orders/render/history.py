"""Orders that began before the bridge listened: part of their events was never sent to it."""

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
    """Return whether missing events may never come. If only refunds and their returns are known, this is a blind
    return, whose payment account has the id of no order; not if one of the `returns` (documents) is still owed all its
    money."""
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
    """Return whether only refunds, refund requests and voids of credits that the refunds issued are known of the order.
    `or_their_returns`: or returns, if something was refunded. A blind return may name an order that does not exist; a
    loss would have to take all other events of a real one."""
    seen = row.slots.seen
    with_returns = or_their_returns and seen & _IS_REFUNDED
    if not seen or seen & ~(_BACK if with_returns else _REFUNDS) or (seen & _IS_VOIDED and not _voids_credits(row)):
        return False
    events = _BACK_EVENTS if with_returns else _REFUND_EVENTS
    return all(event_of(fact.place) in events for fact in row.facts)  # unknown events have no bit


def _voids_credits(row: Row) -> bool:
    """Whether all that was voided had gone out as a refund; False if no payment is known."""
    payments = payments_of(row.slots, row.places).values()
    return bool(payments) and only_gave_back([(action, said.instrument_id) for action, said, *_ in payments])


def _first_instant(row: Row) -> str | None:
    """The earliest instant of the facts; if none has any, when the first was received. None: there is no fact."""
    known = [found for fact in row.facts if (found := instant_of(fact.place))]
    return min(known or (sort_key(fact.received_at) for fact in row.facts), default=None)
