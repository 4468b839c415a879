"""What nobody can say of an order, because the deployment is not subscribed to an event that may tell otherwise.

A return proves that a piece went out, too, but that matters only if the event that told of it was lost. So no set here
needs `return.processed` for it.
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
"""Either says whether an order is imported, what it is in exchange for and, before it is edited, what it costs."""
_SENDS: Final = frozenset({ITEMS_COMPLETED, SHIPPED, COMPLETED})
"""Without them nobody knows what went out, and a cancellation of the pieces that are left looks like one of all."""
_STAYS: Final = frozenset({OPENED, *_SENDS})
"""Without `order.opened`, what is cancelled need not be all of the order, either: its list may be edited."""
_ENDS: Final = frozenset({SHIPPED, COMPLETED, _CANCELLED, _ITEMS_CANCELLED})
"""They say which items were cancelled, and that the order is over."""
_LEFT: Final = frozenset({ITEMS_COMPLETED, OPENED, *_ENDS})
"""If one of them does not come, nobody knows that nothing is left to send."""
_DUE: Final = frozenset({OPENED, "order.items_swapped", *_ENDS})
"""They take off pieces that are due. An event that names more pieces need not be here: it also tells of their shipment,
or is followed by an event that does."""
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
"""By status, the events that may change it: more is captured, say, or the order ends."""
_ENDED: Final = {**_PAYMENT, "captured": {REFUNDED}}
"""The same of an order that has ended: what is left of an authorization does not matter then."""

_AWAITED: Final = {
    OPENED: {OPENED, _CANCELLED, _ITEMS_CANCELLED},
    COMPLETED: {OPENED, SHIPPED, COMPLETED, _CANCELLED},
    f"{ITEMS_COMPLETED}:": {"fulfillment_request.items_failed", *_LEFT},
    CAPTURED: {*PAYMENT_ACTION, OPENED, *_ENDS},
    REFUNDED: {*PAYMENT_ACTION, *_PIECES},
    f"{REFUNDED}:": PAYMENT_ACTION.keys(),
}
"""By what an order waits for next (with a colon: for a request or return), the events that end the wait, itself among
them."""
_SUSPECTED: Final = {CREATED: {CREATED}, ITEMS_COMPLETED: {ITEMS_COMPLETED, SHIPPED}, AUTHORIZED: {AUTHORIZED}}
"""By event that is probably lost, the events that would show that it is not."""
_CONTRADICTIONS: Final = {"item_cancelled_and_shipped": _STAYS, "returned_more_than_ordered": {OPENED}}
"""By kind, the events that say how many pieces there are, and which of them stayed."""
_EXPLAINS: Final = frozenset({*PAYMENT_ACTION, *_PIECES, RETURNED, REFUND_REQUESTED})
"""If one of them does not come, a refund may be for something that nobody hears of."""


class Untold(NamedTuple):
    """What a document cannot claim, and what raises no alarm.

    `fulfillment`, `payment`, `returned`: statuses that may be others; `unlisted`: those of the fulfilment while the
    order's list is not known; `payment_at_end`: those of the payment once the order has ended. `awaited`, `suspected`:
    events that must not be awaited or suspected; `contradictions`: kinds that may be no contradictions. `payments`:
    more may have been paid; `refunds`: more may have been given back; `pieces`: more may have become of the pieces.
    `over`: an order that seems over may go on; `price`: its price may be another; `head`: nobody even knows whether it
    is imported, what it costs and what it is in exchange for. `explains_refunds`: the deployment gets all events that
    could tell what a refund is for.
    """

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
    """Return what nobody can say who gets only these events; None: all events."""
    if events is None:
        return Untold()
    head = _HEAD.isdisjoint(events)  # then nobody knows which orders are imported, of which nothing is ever missing
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
