"""Events of a refund request."""

from typing import Literal

from schemas.models.base import EventModel, Payload, always
from schemas.models.values import Id, Instant, Money, Text


class RefundRequestPayload(Payload):
    """How much is to be refunded, and why."""

    id: Id = always("The refund request's id.")
    order_id: Id = always()
    payment_account_id: Id = always("The same as `order_id`.")
    amount: Money = always()
    currency: Text = always("ISO 4217.")
    requested_at: Instant = None
    return_reason: Text = None
    reason_code: Id = None
    note: Text = None


class RefundRequestIssued(EventModel):
    """Money is to be refunded without a return; it follows with `payment_account.amount_refunded`."""

    name: Literal["refund_request.issued"]
    payload: RefundRequestPayload


EVENTS = (RefundRequestIssued,)
