"""The lists that an order stands in. People look through them, oldest first, instead of asking for one order."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from processors.orders.render.items import NOT_DUE
from processors.orders.render.listing import is_no_goods
from processors.orders.render.voided import only_gave_back
from schemas.instant import epoch_millis

UNFINISHED: Final = "unfinished"
"""Neither completed nor cancelled, unless only what came back after the bridge began is known of the order."""
ON_HOLD: Final = "on_hold"
INCOMPLETE: Final = "incomplete"
STALLED: Final = "stalled"
ATTENTION: Final = "attention"
CONTRADICTIONS: Final = "contradictions"
ONLY_REFUNDS: Final = "only_refunds"
"""Only refunds, and voids of credits that these gave, are known of it: a blind return's, whose payment account has the
id of no order."""
FAILED_TWICE: Final = "failed_twice"
"""At least two fulfilment requests failed something that the order still waits for."""
UNBALANCED: Final = "unbalanced"
"""It is completed, and took less or more than it costs without what was cancelled."""
REFUND_OUTSTANDING: Final = "refund_outstanding"
"""A return or a refund request of it is still owed something."""

LISTS: Final = (
    *(UNFINISHED, ON_HOLD, INCOMPLETE, STALLED, ATTENTION, CONTRADICTIONS, ONLY_REFUNDS),
    *(FAILED_TWICE, UNBALANCED, REFUND_OUTSTANDING),
)
"""Rows store the places here: add new lists at the end."""

COMPLETED, CANCELLED = "completed", "cancelled"
FINISHED: Final = frozenset({COMPLETED, CANCELLED})
"""Statuses of the orders that nobody waits for. Nearly all orders have them, so they have no list."""

_UNFINISHED, _ON_HOLD, _ONLY_REFUNDS, _FAILED_TWICE = (
    LISTS.index(name) for name in (UNFINISHED, ON_HOLD, ONLY_REFUNDS, FAILED_TWICE)
)
_FAILED, _TWICE = "failed", 2
_TOLD: Final = [(LISTS.index(name), name) for name in (INCOMPLETE, STALLED, ATTENTION, CONTRADICTIONS)]
"""Lists of the orders whose document has something in the field of that name."""

Standing = Mapping[int, int]
"""By list, since when (ms since 1970): when the last event that the order had by then was received."""


def standing(
    state: Any, before: Standing, *, only_refunds: bool, unsettled: Collection[str], is_told: bool
) -> dict[int, int]:
    """Return the lists of the order with this document. `before` are the lists it stood in, `unsettled` those that its
    money puts it in. `is_told`: the deployment gets all events by which pieces are no longer due."""
    status, stands = state.status, list[int]()
    if status not in FINISHED and not only_refunds and not _came_back_only(state):
        stands.append(_UNFINISHED)
        if status == ON_HOLD:
            stands.append(_ON_HOLD)
    stands += [place for place, name in _TOLD if getattr(state, name)]
    if only_refunds:
        stands.append(_ONLY_REFUNDS)
    if is_told and len(state.fulfillment_requests) > 1 and status not in FINISHED and _failed_twice(state):
        stands.append(_FAILED_TWICE)
    if unsettled:
        stands += map(LISTS.index, unsettled)
    if all([place in before for place in stands]):  # noqa: C419 - this runs for every document
        return {place: before[place] for place in stands}
    now = epoch_millis(state.last_received_at)
    return {place: before.get(place, now) for place in stands}


def _came_back_only(state: Any) -> bool:
    """Whether it is from before the bridge, and only returns and refunds of it are known: nobody saw how it ended."""
    if not state.partial_history or state.order or state.items or state.fulfillment_requests or state.invoices:
        return False
    steps = [(payment.status, payment.instrument_id) for payment in state.payments.values()]
    return only_gave_back(steps) and bool(steps or state.returns or state.refund_requests)


def _failed_twice(state: Any) -> bool:
    """Whether two requests failed something of which a piece at least is still to go out, even if another request has
    it by now."""
    failures = 0
    for request in state.fulfillment_requests.values():
        if any(item.status == _FAILED and _is_due(state.items[item_id]) for item_id, item in request.items.items()):
            failures += 1
            if failures == _TWICE:
                return True
    return False


def _is_due(item: Any) -> bool:
    pieces = 1 if item.quantity is None else item.quantity
    is_left = item.shipped_quantity + item.cancelled_quantity < pieces
    return is_left and item.status not in NOT_DUE and not is_no_goods(item.item_type)
