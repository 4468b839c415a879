"""A document without what cannot be known because the deployment does not get all events."""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec.structs import replace

from processors.orders.render.payments import UNKNOWN
from processors.orders.untold import Untold


def as_told(document: Any, untold: Untold, *, is_listed: bool, is_over: bool) -> Any:
    """Return the document without what an event outside `BRIDGE_EVENTS` may change: such statuses are unknown, amounts
    null, sums left out. `is_listed`: the order's list is known. `is_over`: the order has certainly ended."""
    payment = untold.payment_at_end if is_over else untold.payment
    found = replace(
        document,
        fulfillment_status=_unless(document.fulfillment_status, untold.fulfillment if is_listed else untold.unlisted),
        payment_status=_unless(document.payment_status, payment),
        return_status=_unless(document.return_status, untold.returned),
    )
    if untold.pieces and found.order:
        found = replace(found, order=replace(found.order, current_total=None))
    if untold.payments:
        found = replace(found, payment_sums={})
    elif untold.price:
        sums = {currency: replace(each, balance=None) for currency, each in found.payment_sums.items()}
        found = replace(found, payment_sums=sums)
    if untold.refunds:
        requests = _owing(found.refund_requests)
        found = replace(found, returns=_owing(found.returns, refunded=None), refund_requests=requests)
    return found


def _unless(status: str, untold: Collection[str]) -> str:
    return UNKNOWN if status in untold else status


def _owing(promises: Mapping[str, Any], **fields: None) -> dict[str, Any]:
    """Returns or refund requests without what depends on refunds."""
    return {key: replace(said, refund_outstanding=None, **fields) for key, said in promises.items()}
