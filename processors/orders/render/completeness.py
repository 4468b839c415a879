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
"""Stands for `order.created`, which NewStore does not send where the payment was not authorized."""
_OF_REFUSED_PAYMENTS: Final = bits("order.cancelled", VOIDED)


class Gaps(NamedTuple):
    """What of an order has not come. `missing`, `suspected`, `acknowledged` and `partial_history` are the document's;
    `awaited` are those of the missing that must come, `upcoming` those that must come next, none where that does not
    matter now: both without what somebody set aside."""

    missing: Sequence[str]
    suspected: Sequence[str]
    acknowledged: Sequence[Any]
    unexplained: Sequence[Any]
    """Refunds of which somebody should find out what they are for: it would be known by now."""
    partial_history: bool
    awaited: Sequence[str]
    upcoming: Sequence[Upcoming]


def find_gaps(
    view: View, status: str, settled: Settled, rules: OrderRules, first_received: str, *, unread: bool
) -> Gaps:
    """Return what of an order has not come. `unread`: there may be more payments than the view has."""
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
    # Nothing is lost of an order of which part may never have been sent.
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
    """Return the names of events that must exist, sorted; an assignment as `fulfillment_request.assigned:<id>`.

    `expects` tells whether an event would come at all; those in `unprocessed` did. Of an imported order nothing is ever
    missing.
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
    """Return what probably exists and has not come, sorted: nothing that `missing` would not have, either, nor anything
    of what may have been before the bridge. `settling`: refunds of which it is known what they are for, by payment;
    `untold`: events of which nobody would know that they are lost; `knows_refunds`: what they are for would be known of
    all refunds."""
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
    """Whether such an event could have been read: the deployment would know of it, and none of the order's failed."""
    return event not in untold and event not in unprocessed


def _sent_unseen(view: View) -> Iterator[str]:
    """Goods that are said to be complete, and of which it is not known how they went out. Something has to show that a
    request had them, be it where from: what is sent by e-mail, such as a gift card, needs none."""
    for item_id, item in view.slots.items.items():
        if item.completed is not None and item.completed[1] == "complete" and item.shipped is None:
            fulfilment = view.fulfilments.get(item_id)
            is_seen = fulfilment is not None and fulfilment.is_completed
            had_request = fulfilment is not None or value_of(item.location) is not None
            if had_request and not is_seen and item_id not in view.listing.services:
                yield item_id


def _refunded_unasked(view: View, settling: Collection[str]) -> Iterator[str]:
    """Refunds that are for no known return, refund request, exchange or cancellation."""
    known = {None, *view.slots.returns, *view.slots.refund_requests, *view.exchanged_returns}
    for key, payment in view.payments.items():
        if payment.moves("refunded") and payment.said.correlation_id not in known and key not in settling:
            yield key
