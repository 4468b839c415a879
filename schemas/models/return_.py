"""Events of a return."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.values import Id, Instant, Integer, Members, Money, Text


class ReturnedItem(Part):
    """One returned line; the same line item can have several."""

    id: Id = always("The line item's id in its order.")
    item_type: Text = at_times("The kind of line: `product`, or such as `shipping`, which brings no goods back.")
    product_id: Id = always("The product.")
    quantity: Integer = always("Pieces that came back.")
    refund_amount: Money = always("What is to be refunded for the line.")
    refund_amount_adjusted: Money = at_times("The same after somebody adjusted it.")
    adjustment_reason: Text = at_times("Why somebody adjusted it.")
    refund_excl_tax: Money = at_times("The refund without its tax.")
    refund_tax: Money = at_times("The tax in the refund.")
    return_reason: Text = at_times("Why it came back, in words.")
    return_code: Id = at_times("Why it came back, as a code; a number as far as seen.", seen="integer")
    item_condition: Text = at_times("What state it is in, in words.")
    condition_code: Id = at_times("What state it is in, as a code; a number as far as seen.", seen="integer")


class ReturnPayload(Payload):
    """What came back, and what is to be refunded for it."""

    id: Id = always("The return's id; the refund's transaction names it as `correlation_id`.")
    order_id: Id = at_times("Absent for a blind return, which belongs to no order.")
    external_order_id: Id = at_times("The order's number outside of NewStore.")
    blind_order_id: Id = at_times("What a blind return has in place of `order_id`.")
    returned_at: Instant = always("UTC; NewStore leaves the zone out.")
    total_refund_amount: Money = always("What is to be refunded in all.")
    total_refund_amount_adjusted: Money = always("The same after somebody adjusted it.")
    total_refund_excl_tax: Money = always("The refund without its tax.")
    total_refund_tax: Money = always("The tax in the refund.")
    return_fee: Money = always("What the return costs the customer.")
    currency: Text = always("ISO 4217, of every amount in this event.")
    return_location_id: Id = always("Where the goods came back to.")
    customer_id: Id = at_times("The customer's id; absent for a guest.")
    customer_email: Text = at_times("The customer's e-mail address.")
    associate_id: Id = at_times("Who took the goods; `unknown` occurs.")
    associate_email: Text = at_times("That person's e-mail address.")
    items: Members[ReturnedItem] = always("The lines of the return.", default=())


class ReturnProcessed(EventModel):
    """Goods came back; the money follows with `payment_account.amount_refunded`."""

    name: Literal["return.processed"]
    payload: ReturnPayload


EVENTS = (ReturnProcessed,)
