"""Events of a refund request."""

from typing import Literal

from schemas.models.base import EventModel, Payload, always, at_times
from schemas.models.values import Id, Instant, Money, Text


class RefundRequestPayload(Payload):
    """The amount to refund, and the reason."""

    id: Id = always("The refund request's id.")
    order_id: Id = always("The order.")
    payment_account_id: Id = always("The same as `order_id`.")
    amount: Money = always("The amount to refund.")
    currency: Text = always("ISO 4217 code of the currency.")
    requested_at: Instant = at_times("When the refund was requested.")
    return_reason: Text = at_times("The reason, in words.")
    reason_code: Id = at_times("The reason, as a code. So far it was always a number.", seen="integer")
    note: Text = at_times("Free text.")
    associate_id: Id = at_times("The associate who issued the request. The value may be `unknown`.")
    associate_email: Text = at_times("The e-mail address of the associate.")


class RefundRequestIssued(EventModel):
    """A refund was requested without a return. `payment_account.amount_refunded` follows when the money is refunded."""

    name: Literal["refund_request.issued"]
    payload: RefundRequestPayload


EVENTS = (RefundRequestIssued,)
