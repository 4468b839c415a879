"""The items of an order, and the attempts to fulfil them."""

from typing import Literal

from pydantic import Field

from schemas.order_state.values import Instant, ItemStatus, Money, Part, RequestedItemStatus, RequestStatus


class Item(Part):
    """One item of the order; `ordered` = in the list of `order.opened`, or of `order.created` until that is known.

    `replaced_by` and `replaces` link the two items of a swap; `swap` says how that is known.
    """

    status: ItemStatus | str = Field(description="What became of the item so far.")
    ordered: bool = Field(description="Whether it is in the order's own list; else only other events name it.")
    product_id: str | None = Field(description="The product.")
    item_type: str | None = Field(description="The kind of line: `product`, or a service such as `shipping`.")
    quantity: int | None = Field(description="Pieces ordered; null if no fact says how many.")
    shipped_quantity: int | None = Field(
        default=None, description="Pieces shipped or handed over; null if it cannot be known."
    )
    returned_quantity: int = Field(description="Pieces that came back.")
    cancelled_quantity: int | None = Field(
        default=None, description="Pieces that were cancelled, and did not go out; null in older documents."
    )
    list_price: Money | None = Field(description="The price of a piece.")
    item_discounts: Money | None = Field(description="Discounts on this item.")
    order_discounts: Money | None = Field(description="This item's share of the discounts on the order.")
    tax: Money | None = Field(description="The tax on this item.")
    shipping_service_level: str | None = Field(description="How it reaches the customer: `IN_STORE_HANDOVER`, ….")
    fulfillment_location_id: str | None = Field(description="The location that fulfils it, or did last.")
    fulfillment_request_id: str | None = Field(
        default=None, description="The latest fulfilment request for it: a key of `fulfillment_requests`."
    )
    carrier: str | None = Field(description="Who carries it.")
    tracking_code: str | None = Field(description="The carrier's number of the shipment.")
    shipped_at: Instant | None = Field(description="When it left; UTC.")
    cancellation_reason: str | None = Field(description="Why it was cancelled, if it was and somebody said.")
    replaced_by: str | None = Field(default=None, description="The item that took its place: a key of `items`.")
    replaces: str | None = Field(default=None, description="The item whose place it took: a key of `items`.")
    swap: Literal["inferred"] | str | None = Field(
        default=None, description="How the replacement is known; null if there was none."
    )


class RequestedItem(Part):
    """What one fulfilment request says about one item."""

    status: RequestedItemStatus | str = Field(description="How far the item got in this request.")
    product_id: str | None = Field(description="The product.")
    carrier: str | None = Field(description="Who carries it.")
    tracking_code: str | None = Field(description="The carrier's number of the shipment.")
    shipped_at: Instant | None = Field(description="When it left; UTC.")


class FulfillmentRequest(Part):
    """One attempt to fulfil items at one location; `items` by item id."""

    status: RequestStatus | str = Field(description="How far the request got.")
    fulfillment_location_id: str | None = Field(description="The store or warehouse that is asked.")
    service_level: str | None = Field(description="How the goods reach the customer: `IN_STORE_HANDOVER`, ….")
    associate_id: str | None = Field(description="Who works on it.")
    items: dict[str, RequestedItem] = Field(description="The items that it is about, by item id.")
