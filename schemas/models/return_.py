"""Events of a return."""

from typing import Literal

from pydantic import Field

from schemas.models.base import EventModel, Part, Payload, always
from schemas.models.values import Id, Instant, Integer, Members, Money, Text


class ReturnedItem(Part):
    """One returned line; the same line item can have several."""

    id: Id = always("The line item's id in its order.")
    product_id: Id = always()
    quantity: Integer = always()
    refund_amount: Money = always()
    refund_amount_adjusted: Money = None
    refund_excl_tax: Money = None
    refund_tax: Money = None
    return_reason: Text = None
    return_code: Id = None
    item_condition: Text = None
    condition_code: Id = None


class ReturnPayload(Payload):
    """What came back, and what is to be refunded for it."""

    id: Id = always("The return's id; the refund's transaction names it as `correlation_id`.")
    order_id: Id = Field(default=None, description="Absent for a blind return, which belongs to no order.")
    returned_at: Instant = always("UTC; NewStore leaves the zone out.")
    total_refund_amount: Money = always()
    total_refund_amount_adjusted: Money = always()
    total_refund_excl_tax: Money = always()
    total_refund_tax: Money = always()
    return_fee: Money = always()
    currency: Text = always("ISO 4217, of every amount in this event.")
    return_location_id: Id = always()
    customer_id: Id = None
    customer_email: Text = None
    associate_id: Id = None
    items: Members[ReturnedItem] = always(default=())


class ReturnProcessed(EventModel):
    """Goods came back; the money follows with `payment_account.amount_refunded`."""

    name: Literal["return.processed"]
    payload: ReturnPayload


EVENTS = (ReturnProcessed,)
