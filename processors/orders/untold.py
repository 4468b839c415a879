"""What a document cannot say, because the deployment is not subscribed to an event that may tell otherwise."""

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

_ENDS: Final = frozenset({SHIPPED, COMPLETED, "order.cancelled", "order.items_cancelled"})
"""They say which items were cancelled, and that the order is over. That pieces went out is told by two of them, and by
items_completed: a return proves no more."""
_HEAD: Final = frozenset({CREATED, OPENED})
"""Either has what an order costs, and what it is in exchange for."""
_SENDS: Final = frozenset({ITEMS_COMPLETED, SHIPPED, COMPLETED})
"""Without what went out by them, a cancellation of the pieces that are left is one of all there are."""
_DUE: Final = frozenset({OPENED, "order.items_swapped", *_ENDS})
"""They take off pieces that are due. Whatever names more of them tells of their shipment, too, or is followed by what
does."""
_PIECES: Final = frozenset({ITEMS_COMPLETED, *_DUE})

_FULFILLMENT: Final = {
    "not_required": {OPENED, *_SENDS},
    "unfulfilled": {ITEMS_COMPLETED, *_ENDS},
    "partial": _PIECES,
    "fulfilled": {OPENED},
}
_UNLISTED: Final = {status: _HEAD.union(names) for status, names in _FULFILLMENT.items()}
_RETURN: Final = {"none": {RETURNED}, "partial": {RETURNED, *_DUE}, "full": {OPENED}}
_PAYMENT: Final = {
    "none": PAYMENT_ACTION.keys(),
    "authorized": {CAPTURED, VOIDED, REFUNDED},
    "partially_captured": {CAPTURED, VOIDED, REFUNDED, ITEMS_COMPLETED, *_ENDS},
    "captured": {AUTHORIZED, REFUNDED},
    "partially_refunded": {CAPTURED, REFUNDED},
    "refunded": {CAPTURED},
    "voided": {AUTHORIZED, CAPTURED, REFUNDED},
}
"""By status, the events that may make another one of it: more is captured, say, or the order ends."""
_ENDED: Final = {**_PAYMENT, "captured": {REFUNDED}}
"""What is left of an authorization does not matter there."""

_EXPLAINS: Final = frozenset({*PAYMENT_ACTION, *_PIECES, RETURNED, REFUND_REQUESTED})
"""Without each of them a refund may be for what nobody hears of."""


class Untold(NamedTuple):
    """Of each field the statuses that may be others, `unlisted` those of the fulfilment of an order whose list is not
    known, `payment_at_end` those of one that has ended; and whether more may have been paid (`payments`), given back
    (`refunds`) or cancelled (`current_total`); `head`: nor what an order costs, and is in exchange for.
    `explains_refunds`: a refund that is for nothing known is for nothing that only other events tell."""

    fulfillment: Collection[str] = ()
    unlisted: Collection[str] = ()
    payment: Collection[str] = ()
    payment_at_end: Collection[str] = ()
    returned: Collection[str] = ()
    payments: bool = False
    refunds: bool = False
    current_total: bool = False
    head: bool = False
    explains_refunds: bool = True


def untold(events: Collection[str] | None) -> Untold:
    """Return what nobody can say who gets these events, None for all of them."""
    if events is None:
        return Untold()
    head = _HEAD.isdisjoint(events)
    return Untold(
        fulfillment=_doubtful(_FULFILLMENT, events),
        unlisted=_doubtful(_UNLISTED, events),
        payment=_doubtful(_PAYMENT, events),
        payment_at_end=_doubtful(_ENDED, events),
        returned=_doubtful(_RETURN, events),
        payments=not PAYMENT_ACTION.keys() <= {*events},
        refunds=REFUNDED not in events,
        current_total=not _PIECES.issubset(events),
        head=head,
        explains_refunds=_EXPLAINS.issubset(events) and not head,
    )


def _doubtful(needs: Mapping[str, Collection[str]], events: Collection[str]) -> frozenset[str]:
    return frozenset(status for status, names in needs.items() if not set(names).issubset(events))
