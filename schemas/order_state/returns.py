"""What came back of an order."""

from pydantic import Field

from schemas.order_state.values import Instant, Money, Part


class ReturnedItem(Part):
    """One line of a return; the same item may have several."""

    id: str | None = Field(description="The item: a key of `items`, if it is one of the order's.")
    product_id: str | None = Field(description="The product.")
    item_type: str | None = Field(default=None, description="The kind of line: `product`, or such as `shipping`.")
    quantity: int | None = Field(description="Pieces that came back.")
    refund_amount: Money | None = Field(description="What is to be refunded for the line.")
    refund_amount_adjusted: Money | None = Field(description="The same after somebody adjusted it.")
    refund_excl_tax: Money | None = Field(description="The refund without its tax.")
    refund_tax: Money | None = Field(description="The tax in the refund.")
    return_reason: str | None = Field(description="Why it came back, in words.")
    return_code: str | None = Field(description="Why it came back, as a code.")
    item_condition: str | None = Field(description="What state it is in, in words.")
    condition_code: str | None = Field(description="What state it is in, as a code.")


class ReturnFacts(Part):
    """What `return.processed` says of a return as a whole."""

    returned_at: Instant | None = Field(description="When the goods came back; UTC.")
    return_location_id: str | None = Field(description="Where they came back to.")
    associate_id: str | None = Field(description="Who took them.")
    currency: str | None = Field(description="ISO 4217, of every amount in this return.")
    total_refund_amount: Money | None = Field(description="What is to be refunded in all, without a sign.")
    total_refund_amount_adjusted: Money | None = Field(description="The same after somebody adjusted it.")
    total_refund_excl_tax: Money | None = Field(description="The refund without its tax.")
    total_refund_tax: Money | None = Field(description="The tax in the refund.")
    return_fee: Money | None = Field(description="What the return costs the customer, without a sign.")


class Return(ReturnFacts):
    """One processed return. `items` are lines of goods, `unmapped` those of shipping and of what is no item of the
    order. `refunded` went out under its id; `refund_outstanding` is what it promised, without that."""

    items: list[ReturnedItem] = Field(description="The lines of goods of this order.")
    unmapped: list[ReturnedItem] = Field(default=[], description="The other lines: money, not pieces.")
    refunded: Money | None = Field(
        default=None, description="What went out under the return's id; null where nobody tells of refunds."
    )
    refund_outstanding: Money | None = Field(
        default=None, description="What it promised, without that; null where it is not known."
    )
