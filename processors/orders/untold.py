"""What nobody can say of an order, because the deployment is not subscribed to an event that may tell otherwise.

A return proves that a piece went out, too, where what told of that was lost; an event that would have come counts here.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from processors.orders.events import (
    AUTHORIZED,
    CAPTURED,
    COMPLETED,
    CREATED,
    ITEMS_COMPLETED,
    OPENED,
    PAYMENT_ACTION,
    REFUND_REQUESTED,
    REFUNDED,
    RETURNED,
    SHIPPED,
    VOIDED,
)

_CANCELLED: Final = "order.cancelled"
_ITEMS_CANCELLED: Final = "order.items_cancelled"

_HEAD: Final = frozenset({CREATED, OPENED})
"""Either says whether an order is imported, and what it costs and is in exchange for, until the latter is edited."""
_SENDS: Final = frozenset({ITEMS_COMPLETED, SHIPPED, COMPLETED})
"""Without what went out by them, a cancellation of the pieces that are left is one of all there are."""
_STAYS: Final = frozenset({OPENED, *_SENDS})
"""Nor need it be all of the order that is off: the list may be edited."""
_ENDS: Final = frozenset({SHIPPED, COMPLETED, _CANCELLED, _ITEMS_CANCELLED})
"""They say which items were cancelled, and that the order is over."""
_LEFT: Final = frozenset({ITEMS_COMPLETED, OPENED, *_ENDS})
"""Without one of them nobody knows that nothing is left to send."""
_DUE: Final = frozenset({OPENED, "order.items_swapped", *_ENDS})
"""They take off pieces that are due. Whatever names more of them tells of their shipment, too, or is followed by what
does."""
_PIECES: Final = frozenset({ITEMS_COMPLETED, *_DUE})

_FULFILLMENT: Final = {
    "not_required": _STAYS,
    "unfulfilled": _LEFT,
    "partial": _PIECES,
    "fulfilled": {OPENED},
}
_UNLISTED: Final = {status: _HEAD.union(names) for status, names in _FULFILLMENT.items()}
_RETURN: Final = {"none": {RETURNED}, "partial": {RETURNED, *_DUE}, "full": _STAYS}
_PAYMENT: Final = {
    "none": PAYMENT_ACTION.keys(),
    "authorized": {CAPTURED, VOIDED, REFUNDED},
    "partially_captured": {CAPTURED, VOIDED, REFUNDED, *_LEFT},
    "captured": {AUTHORIZED, REFUNDED},
    "partially_refunded": {CAPTURED, REFUNDED},
    "refunded": {CAPTURED},
    "voided": {AUTHORIZED, CAPTURED, REFUNDED},
}
"""By status, the events that may make another one of it: more is captured, say, or the order ends."""
_ENDED: Final = {**_PAYMENT, "captured": {REFUNDED}}
"""What is left of an authorization does not matter there."""

_AWAITED: Final = {
    OPENED: {OPENED, _CANCELLED, _ITEMS_CANCELLED},
    COMPLETED: {OPENED, SHIPPED, COMPLETED, _CANCELLED},
    f"{ITEMS_COMPLETED}:": {"fulfillment_request.items_failed", *_LEFT},
    CAPTURED: {*PAYMENT_ACTION, OPENED, *_ENDS},
    REFUNDED: {*PAYMENT_ACTION, *_PIECES},
    f"{REFUNDED}:": PAYMENT_ACTION.keys(),
}
"""By what an order waits for next (with a colon: of a request or return), the events that end that, itself among
them."""
_SUSPECTED: Final = {CREATED: {CREATED}, ITEMS_COMPLETED: {ITEMS_COMPLETED, SHIPPED}, AUTHORIZED: {AUTHORIZED}}
"""By event that is likely to be lost, those that would show that it is not."""
_CONTRADICTIONS: Final = {"item_cancelled_and_shipped": _STAYS, "returned_more_than_ordered": {OPENED}}
"""By kind, the events that say how many pieces there are, and which of them stayed."""
_EXPLAINS: Final = frozenset({*PAYMENT_ACTION, *_PIECES, RETURNED, REFUND_REQUESTED})
"""Without each of them a refund may be for what nobody hears of."""


class Untold(NamedTuple):
    """Of each field the statuses that may be others, `unlisted` those of the fulfilment of an order whose list is not
    known, `payment_at_end` those of one that has ended; what may be neither `awaited` nor `suspected`, and which
    `contradictions` may be none. Whether more may have been paid (`payments`), given back (`refunds`), or have become
    of the `pieces`; whether an order may go on that seems to be `over`, and whether its `price` may be another; `head`:
    nor what it costs at all, and is in exchange for. `explains_refunds`: a refund that is for nothing known is for
    nothing that only other events tell."""

    fulfillment: Collection[str] = ()
    unlisted: Collection[str] = ()
    payment: Collection[str] = ()
    payment_at_end: Collection[str] = ()
    returned: Collection[str] = ()
    awaited: Collection[str] = ()
    suspected: Collection[str] = ()
    contradictions: Collection[str] = ()
    payments: bool = False
    refunds: bool = False
    pieces: bool = False
    over: bool = False
    price: bool = False
    head: bool = False
    explains_refunds: bool = True


def untold(events: Collection[str] | None) -> Untold:
    """Return what nobody can say who gets these events, None for all of them."""
    if events is None:
        return Untold()
    head = _HEAD.isdisjoint(events)  # nor is it known then which orders are imported: nothing is missing of those
    return Untold(
        fulfillment=_doubtful(_FULFILLMENT, events),
        unlisted=_doubtful(_UNLISTED, events),
        payment=_doubtful(_PAYMENT, events),
        payment_at_end=_doubtful(_ENDED, events),
        returned=_doubtful(_RETURN, events),
        awaited=_AWAITED.keys() if head else _doubtful(_AWAITED, events),
        suspected=_SUSPECTED.keys() if head else _doubtful(_SUSPECTED, events),
        contradictions=_doubtful(_CONTRADICTIONS, events),
        payments=not PAYMENT_ACTION.keys() <= {*events},
        refunds=REFUNDED not in events,
        pieces=not _PIECES.issubset(events),
        over=not _STAYS.issubset(events),
        price=OPENED not in events,
        head=head,
        explains_refunds=_EXPLAINS.issubset(events),
    )


def _doubtful(needs: Mapping[str, Collection[str]], events: Collection[str]) -> frozenset[str]:
    return frozenset(status for status, names in needs.items() if not set(names).issubset(events))
