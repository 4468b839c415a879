"""The types of values in an order's document, and the base of its parts.

The lists have the values that are known today. Others may come, and the models accept them.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from schemas import date_time, money

Money = Annotated[str, StringConstraints(pattern=money.PATTERN)]
"""An exact decimal: no exponent, no leading and no trailing zeros (`58`, `62.94`, `-0.5`, `0`)."""

Instant = Annotated[str, StringConstraints(pattern=date_time.PATTERN)]
"""UTC, with up to nine fraction digits. A string, because nine digits do not fit a `datetime`."""

AsGiven = dict[str, Any]
"""An object of an event, passed on as it came."""

OrderStatus = Literal["unknown", "created", "open", "on_hold", "completed", "cancelled"]
ItemStatus = Literal["pending", "in_fulfillment", "on_hold", "complete", "cancelled", "returned", "replaced"]
RequestStatus = Literal["assigned", "ready", "partially_completed", "completed", "failed"]
RequestedItemStatus = Literal["assigned", "ready", "failed", "completed"]
FulfillmentStatus = Literal["unfulfilled", "partial", "fulfilled", "not_required", "unknown"]
PaymentStatus = Literal[
    "none", "authorized", "partially_captured", "captured", "partially_refunded", "refunded", "voided", "unknown"
]
PaymentAction = Literal["authorized", "captured", "voided", "refunded"]
ReturnStatus = Literal["none", "partial", "full", "unknown"]
ContradictionKind = Literal[
    "cancelled_and_completed",
    "cancelled_and_shipped",
    "conflicting_payloads",
    "conflicting_transactions",
    "item_cancelled_and_shipped",
    "returned_more_than_ordered",
]
AttentionKind = Literal[
    "unreadable_amount",
    "currency_mismatch",
    "over_captured",
    "refunded_more_than_captured",
    "refunded_more_than_promised",
    "requested_more_than_captured",
    "unmatched_refund",
]


class Part(BaseModel):
    """What all parts share: immutable, and open to fields added later."""

    model_config = ConfigDict(extra="allow", frozen=True)
