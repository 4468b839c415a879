"""The returns of an order."""

from pydantic import Field

from schemas.order_state.values import Instant, Money, Part


class ReturnedItem(Part):
    """One line of a return. One item may have several lines."""

    id: str | None = Field(description="The item: a key of `items`, if the order has this item.")
    product_id: str | None = Field(description="The product.")
    item_type: str | None = Field(
        default=None, description="The kind of line: `product`, or a service such as `shipping`."
    )
    quantity: int | None = Field(description="The number of pieces that came back.")
    refund_amount: Money | None = Field(description="The amount to refund for the line.")
    refund_amount_adjusted: Money | None = Field(description="The amount to refund after somebody adjusted it.")
    refund_excl_tax: Money | None = Field(description="The refund without tax.")
    refund_tax: Money | None = Field(description="The tax in the refund.")
    return_reason: str | None = Field(description="The reason for the return, in words.")
    return_code: str | None = Field(description="The reason for the return, as a code.")
    item_condition: str | None = Field(description="The condition of the item, in words.")
    condition_code: str | None = Field(description="The condition of the item, as a code.")


class ReturnFacts(Part):
    """Data from `return.processed` about a return as a whole."""

    returned_at: Instant | None = Field(description="When the goods came back; UTC.")
    return_location_id: str | None = Field(description="The location that the goods came back to.")
    associate_id: str | None = Field(description="The associate who took the goods. The value may be `unknown`.")
    currency: str | None = Field(description="ISO 4217 code of every amount in this return.")
    total_refund_amount: Money | None = Field(description="The total amount to refund, without a sign.")
    total_refund_amount_adjusted: Money | None = Field(description="The amount to refund after somebody adjusted it.")
    total_refund_excl_tax: Money | None = Field(description="The refund without tax.")
    total_refund_tax: Money | None = Field(description="The tax in the refund.")
    return_fee: Money | None = Field(description="The fee that the customer pays for the return, without a sign.")


class Return(ReturnFacts):
    """One processed return. `items` are the lines of goods. `unmapped` are the lines of shipping, and the lines that
    are no item of the order. `refunded` is the amount that went out under the return's id. `refund_outstanding` is the
    amount that the return promised, minus `refunded`."""

    items: list[ReturnedItem] = Field(description="The lines of goods of this order.")
    unmapped: list[ReturnedItem] = Field(default=[], description="The other lines, which are money and not pieces.")
    refunded: Money | None = Field(
        default=None, description="The amount that went out under the return's id; null if no event tells of refunds."
    )
    refund_outstanding: Money | None = Field(
        default=None, description="The amount that the return promised, minus `refunded`; null if it is not known."
    )
