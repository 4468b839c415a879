"""Which events have not come yet: those that others prove to exist, those that are only likely, and those that must
come next."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple

from processors.orders.canonical import event_of
from processors.orders.deadlines import Upcoming
from processors.orders.events import (
    ASSIGNED,
    AUTHORIZED,
    CREATED,
    IS_CREATED,
    IS_OPENED,
    ITEMS_COMPLETED,
    NEEDS_OPENED,
    OPENED,
    REFUND_REQUESTED,
    RETURNED,
    VOIDED,
    bit_of,
    bits,
)
from processors.orders.order_rules import OrderRules
from processors.orders.render.acknowledged import acknowledged_gaps, is_acknowledged, is_loss_acknowledged
from processors.orders.render.history import is_partial_history
from processors.orders.render.requests import unassigned
from processors.orders.render.settling import Settled
from processors.orders.render.upcoming import matters, upcoming
from processors.orders.render.view import View
from processors.orders.slots import value_of
from processors.orders.unprocessed import EVENT

_RETURN_OR_REQUEST: Final = "return_or_refund_request"
_RETURNS_AND_REQUESTS: Final = (RETURNED, REFUND_REQUESTED)
_IS_AUTHORIZED: Final = bits(AUTHORIZED)
MAYBE_NEVER_SENT: Final = "maybe_never_sent"
"""Stands for `order.created`, which NewStore does not send if the payment was not authorized."""
_OF_REFUSED_PAYMENTS: Final = bits("order.cancelled", VOIDED)


class Gaps(NamedTuple):
    """Events of an order that have not come. `missing`, `suspected`, `acknowledged` and `partial_history` are the
    document's. `awaited`: the missing events that must come. `upcoming`: the events that must come next; empty if that
    does not matter now. Neither has what somebody set aside."""

    missing: Sequence[str]
    suspected: Sequence[str]
    acknowledged: Sequence[Any]
    unexplained: Sequence[Any]
    """Refunds whose purpose somebody should find out. Empty of a partial history, and if an event outside
    `BRIDGE_EVENTS`, or an unprocessed return or refund request, may tell the purpose."""
    partial_history: bool
    awaited: Sequence[str]
    upcoming: Sequence[Upcoming]


def find_gaps(
    view: View, status: str, settled: Settled, rules: OrderRules, first_received: str, *, unread: bool
) -> Gaps:
    """Return the events of an order that have not come. `unread`: there may be more payments than the view has."""
    row = view.row
    came = {entry[EVENT] for entry in row.unprocessed}
    absent, untold = missing(view, came, rules.expects), rules.untold
    partial_history = is_partial_history(view, rules.before, settled.returns) or bool(row.forgotten_until)
    knows_refunds = untold.explains_refunds and came.isdisjoint(_RETURNS_AND_REQUESTS)
    likely = suspected(
        view, settled.explained, came, untold.suspected, partial_history=partial_history, knows_refunds=knows_refunds
    )
    expected: Sequence[Upcoming] = ()
    if not partial_history and matters(row, first_received, rules):
        expected = upcoming(view, status, settled, absent, came, rules, unread=unread)
    # If part of an order may never have been sent, nothing of it counts as lost.
    lost = () if partial_history or MAYBE_NEVER_SENT in likely else absent
    named = {name for name, _, _ in row.acknowledged}
    must_come = [name for name in lost if name not in named or not is_loss_acknowledged(row, name)]
    comes_next = [each for each in expected if each.name not in named or not is_acknowledged(row, each)]
    over = acknowledged_gaps(row, {*absent}.difference(must_come), {*expected}.difference(comes_next)) if named else []
    unexplained = settled.unexplained
    if partial_history or not knows_refunds:
        unexplained = ()
    return Gaps(absent, likely, over, unexplained, partial_history, must_come, comes_next)


def missing(view: View, unprocessed: Collection[str], expects: Callable[[str], bool]) -> list[str]:
    """Return the names of events that must exist and have not come, sorted; an assignment as
    `fulfillment_request.assigned:<id>`.

    `expects` tells whether the deployment gets an event. Those in `unprocessed` came. Nothing of an imported order is
    ever missing.
    """
    if view.details.get("is_historical"):
        return []
    absent, seen = [], view.slots.seen
    if not seen & IS_CREATED:
        absent.append(CREATED)
    if not seen & IS_OPENED and seen & NEEDS_OPENED:
        absent.append(OPENED)
    absent += [f"{ASSIGNED}:{request_id}" for request_id in unassigned(view.slots)]
    names = {name: name.partition(":")[0] for name in absent}
    return sorted(name for name, event in names.items() if expects(event) and event not in unprocessed)


def suspected(
    view: View,
    settling: Collection[str],
    unprocessed: Collection[str],
    untold: Collection[str],
    *,
    partial_history: bool,
    knows_refunds: bool,
) -> list[str]:
    """Return what probably exists and has not come, sorted. What `missing` leaves out is left out here, too. Of a
    partial history, only `MAYBE_NEVER_SENT` is suspected. `settling`: payments of refunds whose purpose is known.
    `untold`: events whose loss nobody would notice. `knows_refunds`: the purpose of each refund would be known."""
    facts = view.row.facts
    is_refused = facts and all(bit_of(event_of(fact.place)) & _OF_REFUSED_PAYMENTS for fact in facts)
    found = [MAYBE_NEVER_SENT] if is_refused and CREATED not in untold else []
    if partial_history or view.details.get("is_historical"):
        return found

    if (items := [*_sent_unseen(view)]) and _would_be_here(ITEMS_COMPLETED, unprocessed, untold):
        found += [f"{ITEMS_COMPLETED}:{item_id}" for item_id in items]
    if knows_refunds and (refunds := [*_refunded_unasked(view, settling)]):
        found += [f"{_RETURN_OR_REQUEST}:{key}" for key in refunds]
    is_captured = any(payment.moves("captured") for payment in view.payments.values())
    if is_captured and not view.slots.seen & _IS_AUTHORIZED and _would_be_here(AUTHORIZED, unprocessed, untold):
        found.append(AUTHORIZED)
    return sorted(found)


def _would_be_here(event: str, unprocessed: Collection[str], untold: Collection[str]) -> bool:
    """Whether somebody would notice that such an event is lost: it is not `untold`, and none is unprocessed."""
    return event not in untold and event not in unprocessed


def _sent_unseen(view: View) -> Iterator[str]:
    """Goods that are stated complete, if no fact says how they went out. Something must show that a request had them:
    one that names them, or an end of the order that says where they went out from. What is sent by e-mail, such as a
    gift card, needs no request."""
    for item_id, item in view.slots.items.items():
        if item.completed is not None and item.completed[1] == "complete" and item.shipped is None:
            fulfilment = view.fulfilments.get(item_id)
            is_seen = fulfilment is not None and fulfilment.is_completed
            had_request = fulfilment is not None or value_of(item.location) is not None
            if had_request and not is_seen and item_id not in view.listing.services:
                yield item_id


def _refunded_unasked(view: View, settling: Collection[str]) -> Iterator[str]:
    """Payments of refunds that name something unknown (no return, refund request or exchange), and are not
    `settling`."""
    known = {None, *view.slots.returns, *view.slots.refund_requests, *view.exchanged_returns}
    for key, payment in view.payments.items():
        if payment.moves("refunded") and payment.said.correlation_id not in known and key not in settling:
            yield key
