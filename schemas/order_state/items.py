"""The items of an order, and the attempts to fulfil them."""

from typing import Literal

from pydantic import Field

from schemas.order_state.values import Instant, ItemStatus, Money, Part, RequestedItemStatus, RequestStatus


class Item(Part):
    """One item of the order. `ordered` means: in the list of `order.opened`, or of `order.created` until that is known.

    `replaced_by` and `replaces` link the two items of a swap. `swap` says how the swap is known.
    """

    status: ItemStatus | str = Field(description="The status of the item so far.")
    ordered: bool = Field(
        description="Whether the item is in the order's own list. Otherwise, only other events name it."
    )
    product_id: str | None = Field(description="The product.")
    item_type: str | None = Field(description="The kind of item: `product`, or a service such as `shipping`.")
    quantity: int | None = Field(description="The number of pieces ordered; null if no fact says it.")
    shipped_quantity: int | None = Field(
        default=None, description="The number of pieces shipped or handed over; null if it cannot be known."
    )
    returned_quantity: int = Field(description="The number of pieces that came back.")
    cancelled_quantity: int | None = Field(
        default=None,
        description="The number of pieces that were cancelled and did not go out; null in older documents.",
    )
    list_price: Money | None = Field(description="The price of one piece.")
    item_discounts: Money | None = Field(description="Discounts on this item.")
    order_discounts: Money | None = Field(description="This item's share of the discounts on the order.")
    tax: Money | None = Field(description="The tax on this item.")
    shipping_service_level: str | None = Field(description="How the item reaches the customer: `IN_STORE_HANDOVER`, ….")
    fulfillment_location_id: str | None = Field(
        description="The location that fulfils the item, or the last one that did."
    )
    fulfillment_request_id: str | None = Field(
        default=None, description="The latest fulfilment request for the item: a key of `fulfillment_requests`."
    )
    carrier: str | None = Field(description="The carrier of the shipment.")
    tracking_code: str | None = Field(description="The carrier's number for the shipment.")
    shipped_at: Instant | None = Field(description="When the item left; UTC.")
    cancellation_reason: str | None = Field(
        description="The reason for the cancellation, if the item was cancelled and an event gives a reason."
    )
    replaced_by: str | None = Field(default=None, description="The item that replaced this item: a key of `items`.")
    replaces: str | None = Field(default=None, description="The item that this item replaced: a key of `items`.")
    swap: Literal["inferred"] | str | None = Field(
        default=None, description="How the replacement is known; null if there was no replacement."
    )


class RequestedItem(Part):
    """The data of one fulfilment request about one item."""

    status: RequestedItemStatus | str = Field(description="The status of the item in this request.")
    product_id: str | None = Field(description="The product.")
    carrier: str | None = Field(description="The carrier of the shipment.")
    tracking_code: str | None = Field(description="The carrier's number for the shipment.")
    shipped_at: Instant | None = Field(description="When the item left; UTC.")


class FulfillmentRequest(Part):
    """One attempt to fulfil items at one location. `items` are by item id."""

    status: RequestStatus | str = Field(description="The status of the request.")
    fulfillment_location_id: str | None = Field(description="The store or warehouse that is asked to fulfil the items.")
    service_level: str | None = Field(description="How the goods reach the customer: `IN_STORE_HANDOVER`, ….")
    associate_id: str | None = Field(description="The associate who works on the request. The value may be `unknown`.")
    items: dict[str, RequestedItem] = Field(description="The items of the request, by item id.")
