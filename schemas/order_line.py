"""The records on `order-lines.v1`: each item of an order as one flat row, for warehouses.

Every field is always written, null where nothing is known; fields are only ever added. None of them tells of the
customer: whoever needs that joins `order-state.v1` by `order_id`.
"""

from pydantic import BaseModel, ConfigDict, Field

from schemas.order_state import (
    FulfillmentStatus,
    Instant,
    ItemStatus,
    Money,
    OrderStatus,
    PaymentStatus,
    ReturnStatus,
)

WHOLE_ORDER = "Of the whole order, the same in each of its lines: not to be summed over them."


class OrderLineKey(BaseModel):
    """The key of a line's record: compact JSON with these two fields in this order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order_id: str = Field(description="The order.")
    line_id: str = Field(description="The item, as `items` of the order's state has it.")


class OrderLine(BaseModel):
    """One item of an order, with what is said of the order as a whole.

    All lines of one order are written together, with its state: they have the same `version` and `revision`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    order_id: str = Field(description="The order.")
    line_id: str = Field(description="The item, as `items` of the order's state has it.")
    line_count: int = Field(description="How many lines the order has. Of a very large one not all are written.")
    version: int = Field(description="Number of facts that the order is made of: it grows with what is known.")
    revision: int = Field(description="How often the order's state was written.")
    tenant: str = Field(description="The NewStore tenant.")
    order_status: OrderStatus | str = Field(description="`status` of the order.")
    fulfillment_status: FulfillmentStatus | str = Field(description="Of the whole order.")
    payment_status: PaymentStatus | str = Field(description="Of the whole order.")
    return_status: ReturnStatus | str = Field(description="Of the whole order.")
    provisional: bool = Field(description="Whether an event is missing that must exist.")
    incomplete: bool = Field(description="Whether one is missing for longer than it can take.")
    partial_history: bool = Field(description="Whether the order is from before the bridge.")
    external_id: str | None = Field(description="The order's number as people know it.")
    created_at: Instant | None = Field(description="When NewStore created the order.")
    placed_at: Instant | None = Field(
        description="When the customer ordered; earlier than `created_at` if the order was imported."
    )
    channel_type: str | None = Field(description="`store`, `web`, `mobile`.")
    channel: str | None = Field(description="The store or shop front.")
    is_historical: bool | None = Field(description="Whether the order was imported.")
    is_exchange: bool | None = Field(description="Whether it is in exchange for returned goods.")
    associate_id: str | None = Field(description="Who sold it; `unknown` occurs.")
    demand_location_id: str | None = Field(description="As NewStore says it.")
    currency: str | None = Field(description="Of all amounts in this record.")
    price_method: str | None = Field(description="Whether prices contain the tax: `tax_excluded` does not.")
    order_subtotal: Money | None = Field(description=WHOLE_ORDER)
    order_discount_total: Money | None = Field(description=WHOLE_ORDER)
    order_shipping_total: Money | None = Field(description=WHOLE_ORDER)
    order_shipping_tax: Money | None = Field(description=WHOLE_ORDER)
    order_tax_total: Money | None = Field(description=WHOLE_ORDER)
    order_grand_total: Money | None = Field(description=WHOLE_ORDER)
    order_current_total: Money | None = Field(
        description=f"The grand total without cancelled items, where that is certain. {WHOLE_ORDER}"
    )
    first_received_at: Instant = Field(description="When the bridge received the first event of the order.")
    last_received_at: Instant = Field(description="When it received the last one.")
    line_status: ItemStatus | str = Field(description="`status` of the item.")
    ordered: bool = Field(description="Whether the order's own list has it; others were swapped in, or only named.")
    product_id: str | None = Field(description="What was ordered.")
    item_type: str | None = Field(description="`product`, `shipping`, …")
    quantity: int | None = Field(description="Pieces.")
    shipped_quantity: int = Field(description="Pieces that went out.")
    returned_quantity: int = Field(description="Pieces that came back.")
    cancelled_quantity: int | None = Field(
        default=None, description="Pieces that were cancelled, and did not go out; null in older records."
    )
    list_price: Money | None = Field(description="As NewStore says it, before discounts.")
    item_discounts: Money | None = Field(description="Discounts on this line.")
    order_discounts: Money | None = Field(description="This line's share of the discounts on the order.")
    tax: Money | None = Field(description="Tax on this line.")
    shipping_service_level: str | None = Field(description="As ordered.")
    fulfillment_location_id: str | None = Field(description="Where it is fulfilled.")
    fulfillment_request_id: str | None = Field(description="By which request.")
    carrier: str | None = Field(description="Who carries it.")
    tracking_code: str | None = Field(description="Under which code.")
    shipped_at: Instant | None = Field(description="When it was shipped.")
    cancellation_reason: str | None = Field(description="Why it was cancelled.")
    replaced_by: str | None = Field(description="The line that took its place.")
    replaces: str | None = Field(description="The line whose place it took.")
    swap: str | None = Field(description="How that is known: `inferred`.")
