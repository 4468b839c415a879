"""The document on `order-state.v1` and behind `GET /orders/{id}`.

Every field is always written, empty where nothing is known; fields are only ever added, so readers must let
unknown fields and unknown status values pass, as these models do. Fields with a default came later: documents written
before, which a compacted topic keeps until their order changes, lack them.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from schemas import date_time, money

Money = Annotated[str, StringConstraints(pattern=money.PATTERN)]
"""An exact decimal: no exponent, no leading and no trailing zeros (`58`, `62.94`, `-0.5`, `0`)."""

Instant = Annotated[str, StringConstraints(pattern=date_time.PATTERN)]
"""UTC, up to nine fraction digits: a string, because nine do not fit a `datetime`."""

OrderStatus = Literal["unknown", "created", "open", "on_hold", "completed", "cancelled"]
ItemStatus = Literal["pending", "in_fulfillment", "on_hold", "complete", "cancelled", "returned", "replaced"]
RequestStatus = Literal["assigned", "ready", "partially_completed", "completed", "failed"]
RequestedItemStatus = Literal["assigned", "ready", "failed", "completed"]
FulfillmentStatus = Literal["unfulfilled", "partial", "fulfilled", "not_required"]
PaymentStatus = Literal[
    "none", "authorized", "partially_captured", "captured", "partially_refunded", "refunded", "voided"
]
PaymentAction = Literal["authorized", "captured", "voided", "refunded"]
ReturnStatus = Literal["none", "partial", "full"]
ContradictionKind = Literal[
    "cancelled_and_completed",
    "cancelled_and_shipped",
    "conflicting_payloads",
    "conflicting_transactions",
    "item_cancelled_and_shipped",
    "returned_more_than_ordered",
]
AttentionKind = Literal[
    "unreadable_amount", "currency_mismatch", "over_captured", "refunded_more_than_captured", "unmatched_refund"
]


class Part(BaseModel):
    """What all parts share: immutable, and open to fields added later."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Customer(Part):
    """Who ordered, and where it goes: the only block with personal data."""

    customer_id: str | None = None
    external_customer_id: str | None = None
    customer_email: str | None = None
    billing_address: dict[str, Any] | None = None
    shipping_address: dict[str, Any] | None = None


class Exchange(Part):
    """What an exchange order is in exchange for."""

    order_id: str | None = None
    return_id: str | None = None


class OrderDetails(Part):
    """What `order.created` and `order.opened` say about the order as a whole, field by field the latter's if it says
    anything; `{}` until one of them is read. `current_total` is the grand total without the cancelled items, null
    where it cannot be told exactly."""

    external_id: str | None = None
    created_at: Instant | None = None
    placed_at: Instant | None = None
    channel_type: str | None = None
    channel: str | None = None
    is_historical: bool | None = None
    is_exchange: bool | None = None
    exchanges: list[Exchange] | None = None
    associate_id: str | None = None
    demand_location_id: str | None = None
    currency: str | None = None
    price_method: str | None = None
    subtotal: Money | None = None
    discount_total: Money | None = None
    shipping_total: Money | None = None
    shipping_tax: Money | None = None
    tax_total: Money | None = None
    grand_total: Money | None = None
    current_total: Money | None = None
    tax_strategy: str | None = None
    tax_exempt: bool | None = None
    discounts: list[dict[str, Any]] | None = None
    extended_attributes: list[dict[str, Any]] | None = None
    customer: Customer | None = None


class Item(Part):
    """One item of the order; `ordered` = in the list of `order.opened`, or of `order.created` until that is known.

    `replaced_by` and `replaces` link the two items of a swap; `swap` says how that is known.
    """

    status: ItemStatus | str
    ordered: bool
    product_id: str | None
    item_type: str | None
    quantity: int | None
    shipped_quantity: int | None = None
    returned_quantity: int
    list_price: Money | None
    item_discounts: Money | None
    order_discounts: Money | None
    tax: Money | None
    shipping_service_level: str | None
    fulfillment_location_id: str | None
    fulfillment_request_id: str | None = None
    carrier: str | None
    tracking_code: str | None
    shipped_at: Instant | None
    cancellation_reason: str | None
    replaced_by: str | None = None
    replaces: str | None = None
    swap: Literal["inferred"] | str | None = None


class RequestedItem(Part):
    """What one fulfilment request says about one item."""

    status: RequestedItemStatus | str
    product_id: str | None
    carrier: str | None
    tracking_code: str | None
    shipped_at: Instant | None


class FulfillmentRequest(Part):
    """One attempt to fulfil items at one location; `items` by item id."""

    status: RequestStatus | str
    fulfillment_location_id: str | None
    service_level: str | None
    associate_id: str | None
    items: dict[str, RequestedItem]


class Payment(Part):
    """One step of one transaction: `amount` without a sign, `status` says which way the money goes."""

    status: PaymentAction | str
    transaction_id: str | None
    amount: Money | None
    currency: str | None
    correlation_id: str | None
    instrument_id: str | None
    payment_method: str | None
    payment_wallet: str | None
    payment_provider: str | None


class MethodSums(Part):
    """Sums of the payments by one payment method."""

    authorized: Money
    captured: Money
    voided: Money
    refunded: Money


class PaymentSums(MethodSums):
    """Sums of the payments in one currency. `net` = captured - refunded. `balance` = what the order costs - captured:
    more than 0 is due, less was taken too much, null where the order's total in this currency is not known."""

    open_authorization: Money
    net: Money
    balance: Money | None
    by_method: dict[str, MethodSums]


class ReturnedItem(Part):
    """One line of a return; the same item may have several."""

    id: str | None
    product_id: str | None
    item_type: str | None = None
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
    """One processed return. `items` are lines of goods, `unmapped` those of shipping and of what is no item of the
    order. `refunded` went out under its id; `refund_outstanding` is what it promised, without that."""

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
    unmapped: list[ReturnedItem] = []
    refunded: Money | None = None
    refund_outstanding: Money | None = None


class RefundRequest(Part):
    """One refund asked for without a return."""

    amount: Money | None
    currency: str | None
    payment_account_id: str | None
    requested_at: Instant | None
    return_reason: str | None
    reason_code: str | None
    note: str | None
    refunded: Money
    refund_outstanding: Money | None


class UnmatchedRefund(Part):
    """A refund whose correlation id names no return and no refund request that is known; `payment` is its key there."""

    payment: str
    amount: Money | None
    currency: str | None
    correlation_id: str | None


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
    """Facts that cannot all be true, side by side in canonical order; nothing is decided between them here.

    `subject` is the item or the payment that they disagree about, null if it is the order.
    """

    kind: ContradictionKind | str
    subject: str | None = None
    facts: list[ContradictingFact]


class Attention(Part):
    """What is possible, and somebody should look at; `subject` is a payment, a currency, a return or a request."""

    kind: AttentionKind | str
    subject: str


class UnprocessedFact(Part):
    """A fact whose payload could not be used, and why."""

    event: str
    key: str
    source: str
    reason: str


class AcknowledgedGap(Part):
    """An event that nobody waits for any more: its name as in `missing` or `stalled`, who said why, and when."""

    name: str
    reason: str
    at: Instant


class OrderState(Part):
    """All that the facts of one order amount to, whatever order they came in.

    `version` is the number of facts, `revision` how often the document was written. `timeline` has the last 20 of
    `timeline_count` facts. `withheld` names fields that are null in the topic because a setting says so.
    """

    order_id: str
    tenant: str
    status: OrderStatus | str
    fulfillment_status: FulfillmentStatus | str
    payment_status: PaymentStatus | str
    return_status: ReturnStatus | str
    provisional: bool
    missing: list[str]
    incomplete: bool
    stalled: list[str] = []
    suspected: list[str] = []
    acknowledged: list[AcknowledgedGap] = []
    partial_history: bool
    contradictions: list[Contradiction]
    attention: list[Attention] = []
    unprocessed: list[UnprocessedFact]
    version: int
    revision: int | None = None
    order: OrderDetails
    item_counts: dict[str, int] = {}
    items: dict[str, Item]
    fulfillment_requests: dict[str, FulfillmentRequest]
    payments: dict[str, Payment]
    payment_sums: dict[str, PaymentSums] = {}
    returns: dict[str, Return]
    refund_requests: dict[str, RefundRequest]
    unmatched_refunds: list[UnmatchedRefund] = []
    invoices: dict[str, Invoice]
    timeline: list[TimelineEntry]
    timeline_count: int | None = None
    truncated: list[str] = []
    withheld: list[str] = []
    first_received_at: Instant
    last_received_at: Instant
