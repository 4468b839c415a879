"""The document on `order-state.v1` and behind `GET /orders/{id}`.

Every field is always written, empty where nothing is known; fields are only ever added, so readers must let
unknown fields and unknown status values pass, as these models do.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from schemas import date_time, money

Money = Annotated[str, StringConstraints(pattern=money.PATTERN)]
"""An exact decimal: no exponent, no leading and no trailing zeros (`58`, `62.94`, `-0.5`, `0`)."""

Instant = Annotated[str, StringConstraints(pattern=date_time.PATTERN)]
"""UTC, up to nine fraction digits: a string, because nine do not fit a `datetime`."""

OrderStatus = Literal["unknown", "created", "open", "on_hold", "completed", "cancelled"]
ItemStatus = Literal["pending", "in_fulfillment", "on_hold", "complete", "cancelled", "returned"]
FulfillmentStatus = Literal["unfulfilled", "partial", "fulfilled"]
PaymentStatus = Literal[
    "none", "authorized", "partially_captured", "captured", "partially_refunded", "refunded", "voided"
]
ReturnStatus = Literal["none", "partial", "full"]
ContradictionKind = Literal["cancelled_and_completed", "conflicting_payloads"]


class Part(BaseModel):
    """What all parts share: immutable, and open to fields added later."""

    model_config = ConfigDict(extra="allow", frozen=True)


class OrderDetails(Part):
    """What `order.created` and `order.opened` say about the order as a whole; `{}` until one of them is read."""

    external_id: str | None = None
    created_at: Instant | None = None
    placed_at: Instant | None = None
    channel_type: str | None = None
    channel: str | None = None
    is_historical: bool | None = None
    is_exchange: bool | None = None
    exchanges: list[dict[str, Any]] | None = None
    associate_id: str | None = None
    customer_id: str | None = None
    external_customer_id: str | None = None
    customer_email: str | None = None
    billing_address: dict[str, Any] | None = None
    shipping_address: dict[str, Any] | None = None
    demand_location_id: str | None = None
    currency: str | None = None
    price_method: str | None = None
    subtotal: Money | None = None
    discount_total: Money | None = None
    shipping_total: Money | None = None
    shipping_tax: Money | None = None
    tax_total: Money | None = None
    grand_total: Money | None = None
    tax_strategy: str | None = None
    tax_exempt: bool | None = None
    extended_attributes: list[dict[str, Any]] | None = None


class Item(Part):
    """One item of the order; `ordered` = in the list of `order.opened`, or of `order.created` until that is known."""

    status: ItemStatus | str
    ordered: bool
    product_id: str | None
    item_type: str | None
    quantity: int | None
    returned_quantity: int
    list_price: Money | None
    item_discounts: Money | None
    order_discounts: Money | None
    tax: Money | None
    shipping_service_level: str | None
    fulfillment_location_id: str | None
    carrier: str | None
    tracking_code: str | None
    shipped_at: Instant | None
    cancellation_reason: str | None


class RequestedItem(Part):
    """What one fulfilment request says about one item."""

    status: str
    product_id: str | None
    carrier: str | None
    tracking_code: str | None
    shipped_at: Instant | None


class FulfillmentRequest(Part):
    """One attempt to fulfil items at one location; `items` by item id."""

    status: str
    fulfillment_location_id: str | None
    service_level: str | None
    associate_id: str | None
    items: dict[str, RequestedItem]


class Payment(Part):
    """One transaction of the order's payment account."""

    status: Literal["authorized", "captured", "refunded", "voided"] | str
    amount: Money | None
    currency: str | None
    correlation_id: str | None
    instrument_id: str | None
    payment_method: str | None
    payment_wallet: str | None
    payment_provider: str | None


class ReturnedItem(Part):
    """One line of a return; the same item may have several."""

    id: str | None
    product_id: str | None
    quantity: int | None
    refund_amount: Money | None
    refund_amount_adjusted: Money | None
    refund_excl_tax: Money | None
    refund_tax: Money | None
    return_reason: str | None
    return_code: str | None
    item_condition: str | None
    condition_code: str | None


class Return(Part):
    """One processed return."""

    returned_at: Instant | None
    return_location_id: str | None
    associate_id: str | None
    currency: str | None
    total_refund_amount: Money | None
    total_refund_amount_adjusted: Money | None
    total_refund_excl_tax: Money | None
    total_refund_tax: Money | None
    return_fee: Money | None
    items: list[ReturnedItem]


class RefundRequest(Part):
    """One refund asked for without a return."""

    amount: Money | None
    currency: str | None
    payment_account_id: str | None
    requested_at: Instant | None
    return_reason: str | None
    reason_code: str | None
    note: str | None


class Invoice(Part):
    """One invoice; NewStore publishes no field list, so it is known by its instant."""

    published_at: Instant | None


class TimelineEntry(Part):
    """One fact of the order; `source` is `<raw partition>:<raw offset>`, `published_at` null if it was no time."""

    event: str
    key: str
    published_at: Instant | None
    received_at: Instant
    source: str


class ContradictingFact(TimelineEntry):
    """A timeline entry with what tells it from its rivals."""

    payload_hash: str


class Contradiction(Part):
    """Facts that cannot all be true, side by side in canonical order; nothing is decided between them here."""

    kind: ContradictionKind | str
    facts: list[ContradictingFact]


class UnprocessedFact(Part):
    """A fact whose payload could not be used, and why."""

    event: str
    key: str
    source: str
    reason: str


class OrderState(Part):
    """All that the facts of one order amount to, whatever order they came in."""

    order_id: str
    tenant: str
    status: OrderStatus | str
    fulfillment_status: FulfillmentStatus | str
    payment_status: PaymentStatus | str
    return_status: ReturnStatus | str
    provisional: bool
    missing: list[str]
    incomplete: bool
    partial_history: bool
    contradictions: list[Contradiction]
    unprocessed: list[UnprocessedFact]
    version: int
    order: OrderDetails
    items: dict[str, Item]
    fulfillment_requests: dict[str, FulfillmentRequest]
    payments: dict[str, Payment]
    returns: dict[str, Return]
    refund_requests: dict[str, RefundRequest]
    invoices: dict[str, Invoice]
    timeline: list[TimelineEntry]
    first_received_at: Instant
    last_received_at: Instant
