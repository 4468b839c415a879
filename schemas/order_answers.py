"""What a worker answers about orders: order states, and what was found, with how far and how old that is.

Like order states, these grow by addition only.
"""

from typing import Any, Literal

from pydantic import Field

from schemas.order_state import (
    AcknowledgedGap,
    Attention,
    FulfillmentStatus,
    Instant,
    Item,
    Money,
    OrderState,
    OrderStatus,
    Part,
    PaymentStatus,
    RefundRequest,
    Return,
    ReturnFacts,
    ReturnStatus,
    TimelineEntry,
)


class Answer(Part):
    """What all answers say of themselves. `as_of`: when it was made. `applied`: by raw partition, the offset up to
    which every event that belongs to what was asked is in the answer; where that is not known, a partition is not
    there. `read_to`: by partition of the orders topic that was asked, the offset that its worker goes on from."""

    as_of: Instant
    applied: dict[str, int]
    read_to: dict[str, int]


class ItemOfOrder(Item):
    """An item; one on hold with the time of the first event that says so, null if that is not known."""

    held_since: Instant | None = None


class ReturnOfOrder(Return):
    """A return with the orders in exchange for it, null where not all workers could be asked."""

    settled_by_exchange: list[str] | None


class Window(Part):
    """When the events were published that a replay has to bring; `to` is null for the present. `guessed`: nothing says
    since when they can have been."""

    from_: Instant = Field(alias="from")
    to: Instant | None
    guessed: bool


class Awaited(Part):
    """Until when a missing event may come: from `due` on it is late, unless nobody waits for it (it is `acknowledged`,
    the order is a `partial_history`, or `maybe_never_sent` is suspected). `needed_by`: the raw record of the first
    event, by when they happened, that is known to need it: of a request whose events have no `logical_timestamp` the
    last one. `follows`: that of the last event that it must have followed, null where none of them is here. `window`:
    when it was published, as in its gap; workers of before this field tell none."""

    due: Instant
    needed_by: str
    follows: str | None = None
    window: Window | None = None


class Order(OrderState, Answer):
    """The state of one order. `awaited`: those of `missing` that some event needs, by name."""

    items: dict[str, ItemOfOrder]  # type: ignore[assignment]  # a state's items and returns have less
    returns: dict[str, ReturnOfOrder]  # type: ignore[assignment]
    awaited: dict[str, Awaited] = Field(default_factory=dict)


class Fact(TimelineEntry):
    """A timeline entry with what tells it from others. `conflict`: another payload came under the same key before it.
    `repeat_of`: the raw record of the same event with the same payload that was published before. `deliveries`: how
    often it came, the first one included, since workers count that, and `last_received_at`, when the last time; null
    where that is forgotten, or cannot be asked."""

    payload_hash: str
    conflict: bool
    repeat_of: str | None
    deliveries: int | None = None
    last_received_at: Instant | None = None


class Timeline(Answer):
    """A page of the facts of an order, of which there are `count`, `before` of them before the page. `next`: `after` of
    the next page."""

    order_id: str
    order: Literal["happened", "arrived"]
    entries: list[Fact]
    before: int = 0
    count: int
    next: str | None


class Event(Answer):
    """A raw record that is one of the order's events. In `body` what is not on the list of fields that are shown is
    `•••`, unless `masked` is false; then `text` is the body as it came."""

    order_id: str
    source: str
    masked: bool
    body: Any
    text: str | None


class ListedOrder(Part):
    """An order as lists have it. `since`: in a list by age, when its last event had been received by the time it
    came into it; else null. Money is in the order's own currency, null where that is not known; `refund_outstanding` is
    of all its returns and refund requests, in the one that they all have where its own is not known."""

    order_id: str
    since: Instant | None
    status: OrderStatus | str
    fulfillment_status: FulfillmentStatus | str
    payment_status: PaymentStatus | str
    return_status: ReturnStatus | str
    provisional: bool
    incomplete: bool
    stalled: list[str]
    attention: list[Attention]
    external_id: str | None
    placed_at: Instant | None
    currency: str | None
    grand_total: Money | None
    current_total: Money | None = None
    captured: Money | None
    refunded: Money | None
    balance: Money | None
    refund_outstanding: Money | None
    first_received_at: Instant
    last_received_at: Instant


class Orders(Answer):
    """A page of orders; it may be empty though there is a next one. `next`: `after` of the next page."""

    orders: list[ListedOrder]
    next: str | None


class BlindReturn(ReturnFacts):
    """A return that belongs to no order. `external_order_id` is what a field says whose name speaks of such a one."""

    kind: Literal["return"]
    since: Instant | None
    order_id: None
    return_id: str | None
    external_order_id: str | None
    key: str
    published_at: Instant | None
    received_at: Instant
    source: str


class BlindRefund(Part):
    """Refunds under an id of which nothing else is known: that of a blind return's payment account. `refunded` is what
    came, by currency; a refund without one is under an empty name."""

    kind: Literal["refund"]
    since: Instant | None
    order_id: str
    refunded: dict[str, Money]
    refund_requests: dict[str, RefundRequest]
    first_received_at: Instant
    last_received_at: Instant


class BlindReturns(Answer):
    """A page of them, oldest first."""

    blind_returns: list[BlindReturn | BlindRefund]
    next: str | None


class Gap(Part):
    """An event that an order waits for. `kind`: `missing`, others prove that it exists; `stalled`, it should have come
    next. `since`: when it became late, or was awaited for too long.
    `settled_by_exchange`: of a refund that is awaited for a return, the orders in exchange for that; null where that is
    not known, and of other gaps."""

    order_id: str
    name: str
    kind: Literal["missing", "stalled"] | str
    since: Instant
    window: Window
    settled_by_exchange: list[str] | None = None


class GapOrders(Part):
    """How many orders there are."""

    incomplete: int
    stalled: int


class Gaps(Answer):
    """A page of gaps, those of the orders first that have waited longest. `window` holds those of the page, and is null
    without any; `orders` counts all there are. `next`: `after` of the next page."""

    gaps: list[Gap]
    orders: GapOrders
    window: Window | None
    next: str | None


class Acknowledged(Part):
    """What an order waits for once a gap of it was set aside, as its state says."""

    order_id: str
    incomplete: bool
    missing: list[str]
    stalled: list[str]
    acknowledged: list[AcknowledgedGap]


class SeenEvent(Part):
    """How often an event came. `id`: its `ce_id`, as it was asked for. `deliveries`: the first one and what came again,
    since workers count that. Nulls: it was not seen, or is forgotten."""

    id: str
    deliveries: int | None = Field(ge=1)
    first_received_at: Instant | None
    last_received_at: Instant | None


class Seen(Answer):
    """Events in the order of the ids that were asked for. `applied`: by raw partition that was asked, the last record
    of it that is counted. `read_to` is empty: no partition of the orders topic is asked."""

    events: list[SeenEvent]
