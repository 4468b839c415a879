"""The document on `order-state.v1` and behind `GET /orders/{id}`.

Every field is always written, empty where nothing is known; fields are only ever added, so readers must let
unknown fields and unknown status values pass, as these models do. Fields with a default came later: documents written
before, which a compacted topic keeps until their order changes, lack them.
"""

from pydantic import Field

from schemas.order_state.facts import (
    AcknowledgedGap,
    Attention,
    ContradictingFact,
    Contradiction,
    Invoice,
    TimelineEntry,
    UnprocessedFact,
)
from schemas.order_state.items import FulfillmentRequest, Item, RequestedItem
from schemas.order_state.order import Customer, Exchange, OrderDetails
from schemas.order_state.payments import MethodSums, Payment, PaymentSums, RefundRequest, UnmatchedRefund
from schemas.order_state.returns import Return, ReturnedItem, ReturnFacts
from schemas.order_state.values import (
    AttentionKind,
    ContradictionKind,
    FulfillmentStatus,
    Instant,
    ItemStatus,
    Money,
    OrderStatus,
    Part,
    PaymentAction,
    PaymentStatus,
    RequestedItemStatus,
    RequestStatus,
    ReturnStatus,
)

__all__ = [
    "AcknowledgedGap",
    "Attention",
    "AttentionKind",
    "ContradictingFact",
    "Contradiction",
    "ContradictionKind",
    "Customer",
    "Exchange",
    "FulfillmentRequest",
    "FulfillmentStatus",
    "Instant",
    "Invoice",
    "Item",
    "ItemStatus",
    "MethodSums",
    "Money",
    "OrderDetails",
    "OrderState",
    "OrderStatus",
    "Part",
    "Payment",
    "PaymentAction",
    "PaymentStatus",
    "PaymentSums",
    "RefundRequest",
    "RequestStatus",
    "RequestedItem",
    "RequestedItemStatus",
    "Return",
    "ReturnFacts",
    "ReturnStatus",
    "ReturnedItem",
    "TimelineEntry",
    "UnmatchedRefund",
    "UnprocessedFact",
]


class OrderState(Part):
    """All that the facts of one order amount to, whatever order they came in.

    `version` is the number of facts, `revision` how often the document was written. `timeline` has the last 20 of
    `timeline_count` facts. `withheld` names fields that the topic is without because a setting says so.
    """

    order_id: str = Field(description="The order's id: the record's key.")
    tenant: str = Field(description="The NewStore tenant.")
    status: OrderStatus | str = Field(description="Where the order stands.")
    fulfillment_status: FulfillmentStatus | str = Field(
        description="How much of what is due was shipped or handed over; cancelled and replaced items are not due; "
        "`unknown` if it cannot be told."
    )
    payment_status: PaymentStatus | str = Field(
        description="Where the money stands in the order's currency; `unknown` if it cannot be told."
    )
    return_status: ReturnStatus | str = Field(
        description="How much of the order came back; `unknown` if it cannot be told."
    )
    provisional: bool = Field(description="Whether an event is missing that others prove to exist.")
    missing: list[str] = Field(description="The events that others prove to exist and that have not come.")
    incomplete: bool = Field(description="Whether one of `missing` is later than it can be: it must be replayed.")
    stalled: list[str] = Field(default=[], description="What should have come next, by the time that has passed.")
    suspected: list[str] = Field(default=[], description="What was probably lost, without a proof of it.")
    acknowledged: list[AcknowledgedGap] = Field(
        default=[], description="What of `missing` and `stalled` somebody set aside."
    )
    partial_history: bool = Field(description="Whether the order is older than what the bridge has of it.")
    contradictions: list[Contradiction] = Field(description="Facts that cannot all be true, side by side.")
    attention: list[Attention] = Field(default=[], description="What is possible, and somebody should look at.")
    unprocessed: list[UnprocessedFact] = Field(
        description="Events that could not be used, at most 50; they lie in the quarantine topic."
    )
    version: int = Field(description="The number of facts that it is made of.")
    revision: int | None = Field(default=None, description="How often the document was written.")
    order: OrderDetails = Field(description="The order as a whole; empty until `order.created` or `order.opened`.")
    item_counts: dict[str, int] = Field(default={}, description="How many items have which status.")
    items: dict[str, Item] = Field(description="The items by item id: every one that an event names.")
    fulfillment_requests: dict[str, FulfillmentRequest] = Field(description="The fulfilment requests by their ids.")
    payments: dict[str, Payment] = Field(
        description="The steps of the payments, by `<authorized|captured|voided|refunded>:<transaction id>`."
    )
    payment_sums: dict[str, PaymentSums] = Field(
        default={},
        description="Sums of the payments by currency, of one without under an empty name; without amounts that "
        "cannot be read, and currencies of which none can. Empty, too, where there may be payments that nobody tells "
        "of.",
    )
    returns: dict[str, Return] = Field(description="The returns by their ids.")
    refund_requests: dict[str, RefundRequest] = Field(description="The refund requests by their ids.")
    unmatched_refunds: list[UnmatchedRefund] = Field(
        default=[], description="Refunds for a return or request that is not known."
    )
    invoices: dict[str, Invoice] = Field(description="The invoices by their ids.")
    timeline: list[TimelineEntry] = Field(description="The last 20 facts, in canonical order.")
    timeline_count: int | None = Field(default=None, description="How many facts there are.")
    truncated: list[str] = Field(
        default=[], description="What was left out because the document would be too large for the topic."
    )
    withheld: list[str] = Field(
        default=[],
        description="Fields left out here because a setting says so: null, but for reasons, which stay texts.",
    )
    first_received_at: Instant = Field(description="When the bridge received the first event of the order; UTC.")
    last_received_at: Instant = Field(description="When it received the latest one; UTC.")
