"""Events of a return."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.values import Id, Instant, Integer, Members, Money, Text


class ReturnedItem(Part):
    """One line of a return. One line item can have several lines."""

    id: Id = always("The line item's id in its order.")
    item_type: Text = at_times(
        "The kind of line: `product`, or a service such as `shipping`, which brings no goods back."
    )
    product_id: Id = always("The product.")
    quantity: Integer = always("The number of pieces that came back.")
    refund_amount: Money = always("The amount to refund for the line.")
    refund_amount_adjusted: Money = at_times("The amount to refund after somebody adjusted it.")
    adjustment_reason: Text = at_times("The reason for the adjustment.")
    refund_excl_tax: Money = at_times("The refund without tax.")
    refund_tax: Money = at_times("The tax in the refund.")
    return_reason: Text = at_times("The reason for the return, in words.")
    return_code: Id = at_times("The reason for the return, as a code. So far it was always a number.", seen="integer")
    item_condition: Text = at_times("The condition of the item, in words.")
    condition_code: Id = at_times(
        "The condition of the item, as a code. So far it was always a number.", seen="integer"
    )


class ReturnPayload(Payload):
    """The goods that came back, and the amounts to refund for them."""

    id: Id = always("The return's id. The transaction of the refund names it as `correlation_id`.")
    order_id: Id = at_times("Absent for a blind return, which belongs to no order.")
    external_order_id: Id = at_times("The order's number outside of NewStore.")
    blind_order_id: Id = at_times("A blind return has this id in place of `order_id`.")
    returned_at: Instant = always("When the goods came back; UTC. NewStore leaves the zone out.")
    total_refund_amount: Money = always("The total amount to refund.")
    total_refund_amount_adjusted: Money = always("The amount to refund after somebody adjusted it.")
    total_refund_excl_tax: Money = always("The refund without tax.")
    total_refund_tax: Money = always("The tax in the refund.")
    return_fee: Money = always("The fee that the customer pays for the return.")
    currency: Text = always("ISO 4217 code of every amount in this event.")
    return_location_id: Id = always("The location that the goods came back to.")
    customer_id: Id = at_times("The customer's id; absent for a guest.")
    customer_email: Text = at_times("The customer's e-mail address.")
    associate_id: Id = at_times("The associate who took the goods. The value may be `unknown`.")
    associate_email: Text = at_times("The e-mail address of the associate.")
    items: Members[ReturnedItem] = always("The lines of the return.", default=())


class ReturnProcessed(EventModel):
    """Goods came back. `payment_account.amount_refunded` follows when the money is refunded."""

    name: Literal["return.processed"]
    payload: ReturnPayload


EVENTS = (ReturnProcessed,)
