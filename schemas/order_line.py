"""The records on `order-lines.v1`: each item of an order as one flat row, for warehouses.

Every field is always written, null if nothing is known. Fields are only ever added. No field has data of the customer:
to get that, join `order-state.v1` by `order_id`.
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

WHOLE_ORDER = "A value of the whole order. Each line of the order has the same value, so do not sum it over lines."


class OrderLineKey(BaseModel):
    """The key of a line's record: compact JSON with these two fields in this order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order_id: str = Field(description="The order id.")
    line_id: str = Field(description="The item id, as in `items` of the order's state.")


class OrderLine(BaseModel):
    """One item of an order, with data of the order as a whole.

    All lines of one order are written together with its state. They have the same `version` and `revision`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    order_id: str = Field(description="The order id.")
    line_id: str = Field(description="The item id, as in `items` of the order's state.")
    line_count: int = Field(
        description="The number of lines of the order. Not all lines of a very large order are written."
    )
    version: int = Field(description="The number of facts that the order is made of. It grows as more facts are known.")
    revision: int = Field(description="How often the order's state was written.")
    tenant: str = Field(description="The NewStore tenant.")
    order_status: OrderStatus | str = Field(description="The `status` of the order.")
    fulfillment_status: FulfillmentStatus | str = Field(description="Status of the whole order.")
    payment_status: PaymentStatus | str = Field(description="Status of the whole order.")
    return_status: ReturnStatus | str = Field(description="Status of the whole order.")
    provisional: bool = Field(description="Whether an event is missing that must exist.")
    incomplete: bool = Field(description="Whether an event is missing for longer than it can take to arrive.")
    partial_history: bool = Field(description="Whether the order is from before the bridge.")
    external_id: str | None = Field(description="The order number that people use.")
    created_at: Instant | None = Field(description="When NewStore created the order.")
    placed_at: Instant | None = Field(
        description="When the customer ordered. Earlier than `created_at` if the order was imported."
    )
    channel_type: str | None = Field(description="The kind of channel: `store`, `web`, `mobile`.")
    channel: str | None = Field(description="The store or shop front.")
    is_historical: bool | None = Field(description="Whether the order was imported.")
    is_exchange: bool | None = Field(description="Whether the order is in exchange for returned goods.")
    associate_id: str | None = Field(description="The associate who sold the order. The value may be `unknown`.")
    demand_location_id: str | None = Field(description="The demand location, as NewStore gives it.")
    currency: str | None = Field(description="The currency of all amounts in this record.")
    price_method: str | None = Field(description="Whether prices contain the tax. `tax_excluded`: they do not.")
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
    last_received_at: Instant = Field(description="When the bridge received the last event of the order.")
    line_status: ItemStatus | str = Field(description="The `status` of the item.")
    ordered: bool = Field(
        description="Whether the item is in the order's own list. Other items were swapped in, or events only"
        " name them."
    )
    product_id: str | None = Field(description="The product that was ordered.")
    item_type: str | None = Field(description="The kind of item: `product`, `shipping`, …")
    quantity: int | None = Field(description="The number of pieces.")
    shipped_quantity: int = Field(description="The number of pieces that went out.")
    returned_quantity: int = Field(description="The number of pieces that came back.")
    cancelled_quantity: int | None = Field(
        default=None,
        description="The number of pieces that were cancelled and did not go out; null in older records.",
    )
    list_price: Money | None = Field(description="The list price as NewStore gives it, before discounts.")
    item_discounts: Money | None = Field(description="Discounts on this line.")
    order_discounts: Money | None = Field(description="This line's share of the discounts on the order.")
    tax: Money | None = Field(description="The tax on this line.")
    shipping_service_level: str | None = Field(description="The shipping service level, as ordered.")
    fulfillment_location_id: str | None = Field(description="The location that fulfils the item.")
    fulfillment_request_id: str | None = Field(description="The fulfilment request for the item.")
    carrier: str | None = Field(description="The carrier of the shipment.")
    tracking_code: str | None = Field(description="The tracking code of the shipment.")
    shipped_at: Instant | None = Field(description="When the item was shipped.")
    cancellation_reason: str | None = Field(description="The reason for the cancellation.")
    replaced_by: str | None = Field(description="The line that replaced this line.")
    replaces: str | None = Field(description="The line that this line replaced.")
    swap: str | None = Field(description="How the replacement is known: `inferred`.")
