"""The document on `order-state.v1` and behind `GET /orders/{id}`.

Every field is always written, empty if nothing is known. Fields are only ever added, so readers must accept unknown
fields and unknown status values, as these models do. Fields with a default came later. Documents from before, which a
compacted topic keeps until their order changes, lack them.
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
    """The state of one order, made of all its facts. It does not depend on the order in which the facts came.

    `version` is the number of facts. `revision` is the number of times that the document was written. `timeline` has
    the last 20 of `timeline_count` facts. `withheld` names the fields that a setting keeps out of the topic.
    """

    order_id: str = Field(description="The order's id, which is the record's key.")
    tenant: str = Field(description="The NewStore tenant.")
    status: OrderStatus | str = Field(description="The status of the order.")
    fulfillment_status: FulfillmentStatus | str = Field(
        description="How many of the due pieces were shipped or handed over. Cancelled and replaced items are not"
        " due. `unknown` if it cannot be told."
    )
    payment_status: PaymentStatus | str = Field(
        description="The status of the payments in the order's currency. `unknown` if it cannot be told."
    )
    return_status: ReturnStatus | str = Field(
        description="How much of the order came back. `unknown` if it cannot be told."
    )
    provisional: bool = Field(description="Whether an event is missing that other events prove to exist.")
    missing: list[str] = Field(
        description="The events that other events prove to exist, and that the bridge has not received."
    )
    incomplete: bool = Field(
        description="Whether an event in `missing` is later than it can be, and so must be replayed."
    )
    stalled: list[str] = Field(
        default=[], description="The events that should have come next, by the time that has passed."
    )
    suspected: list[str] = Field(default=[], description="The events that were probably lost, without a proof of it.")
    acknowledged: list[AcknowledgedGap] = Field(
        default=[], description="The events of `missing` and `stalled` that somebody set aside."
    )
    partial_history: bool = Field(description="Whether the order is older than the events that the bridge has of it.")
    contradictions: list[Contradiction] = Field(description="Facts that cannot all be true, side by side.")
    attention: list[Attention] = Field(default=[], description="Possible situations that somebody should look at.")
    unprocessed: list[UnprocessedFact] = Field(
        description="Events that the worker could not use, at most 50. They are in the quarantine topic."
    )
    version: int = Field(description="The number of facts that the document is made of.")
    revision: int | None = Field(default=None, description="How often the document was written.")
    order: OrderDetails = Field(description="The order as a whole. Empty until `order.created` or `order.opened`.")
    item_counts: dict[str, int] = Field(default={}, description="The number of items by status.")
    items: dict[str, Item] = Field(description="The items by item id: every item that an event names.")
    fulfillment_requests: dict[str, FulfillmentRequest] = Field(description="The fulfilment requests by id.")
    payments: dict[str, Payment] = Field(
        description="The steps of the payments, by `<authorized|captured|voided|refunded>:<transaction id>`."
    )
    payment_sums: dict[str, PaymentSums] = Field(
        default={},
        description="Sums of the payments by currency. Payments without a currency are under an empty name."
        " Amounts that cannot be read are left out, and so are currencies without a readable amount."
        " Also empty if there may be payments that no event tells of.",
    )
    returns: dict[str, Return] = Field(description="The returns by id.")
    refund_requests: dict[str, RefundRequest] = Field(description="The refund requests by id.")
    unmatched_refunds: list[UnmatchedRefund] = Field(
        default=[], description="Refunds for a return or a refund request that is not known."
    )
    invoices: dict[str, Invoice] = Field(description="The invoices by id.")
    timeline: list[TimelineEntry] = Field(description="The last 20 facts, in canonical order.")
    timeline_count: int | None = Field(default=None, description="The number of facts.")
    truncated: list[str] = Field(
        default=[], description="The parts that were left out because the document would be too large for the topic."
    )
    withheld: list[str] = Field(
        default=[],
        description="The fields that a setting leaves out of this document. They are null, except reasons, which"
        " stay texts.",
    )
    first_received_at: Instant = Field(description="When the bridge received the first event of the order; UTC.")
    last_received_at: Instant = Field(description="When the bridge received the latest event of the order; UTC.")
