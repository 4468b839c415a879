"""Events of a refund request."""

from typing import Literal

from schemas.models.base import EventModel, Payload, always, at_times
from schemas.models.values import Id, Instant, Money, Text


class RefundRequestPayload(Payload):
    """How much is to be refunded, and why."""

    id: Id = always("The refund request's id.")
    order_id: Id = always("The order.")
    payment_account_id: Id = always("The same as `order_id`.")
    amount: Money = always("How much is to be given back.")
    currency: Text = always("ISO 4217.")
    requested_at: Instant = at_times("When it was asked for.")
    return_reason: Text = at_times("Why, in words.")
    reason_code: Id = at_times("Why, as a code; a number as far as seen.", seen="integer")
    note: Text = at_times("Free text.")
    associate_id: Id = at_times("Who issued it.")
    associate_email: Text = at_times("That person's e-mail address.")


class RefundRequestIssued(EventModel):
    """Money is to be refunded without a return; it follows with `payment_account.amount_refunded`."""

    name: Literal["refund_request.issued"]
    payload: RefundRequestPayload


EVENTS = (RefundRequestIssued,)
