"""A worker's answers about orders: order states and lists, each with its time and how far the worker had read.

Like order states, answers only ever get more fields.
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
    """The fields that every answer has. `as_of`: when the worker made the answer. `applied`: by raw partition, an
    offset. The answer includes every event up to that offset that belongs to the question. A partition is absent if its
    offset is not known. `read_to`: by partition of the orders topic that was asked, the offset from which its worker
    continues."""

    as_of: Instant
    applied: dict[str, int]
    read_to: dict[str, int]


class ItemOfOrder(Item):
    """An item. `held_since`: for an item on hold, the time of the first event that says so; null if that time is not
    known."""

    held_since: Instant | None = None


class ReturnOfOrder(Return):
    """A return with the orders in exchange for it. `settled_by_exchange` is null if not all workers could be asked."""

    settled_by_exchange: list[str] | None


class Window(Part):
    """The time span in which NewStore published the events that a replay has to bring. `to` is null for the present.
    `guessed`: nothing tells the earliest time at which they can have been published."""

    from_: Instant = Field(alias="from")
    to: Instant | None
    guessed: bool


class Awaited(Part):
    """The time until which a missing event may come. From `due` on, the event is late, unless nobody waits for it: it
    is `acknowledged`, the order is a `partial_history`, or `maybe_never_sent` is suspected. `needed_by`: the raw record
    of the event that is known to need the missing event. Of several such events it is the first that happened; for a
    request whose events have no `logical_timestamp`, it is the last. `follows`: the raw record of the last event that
    the missing event must have followed; null if none of these events is here. `window`: when NewStore published the
    missing event, as in its gap. Older workers do not send this field."""

    due: Instant
    needed_by: str
    follows: str | None = None
    window: Window | None = None


class Order(OrderState, Answer):
    """The state of one order. `awaited`: the events of `missing` that another event needs, by name."""

    items: dict[str, ItemOfOrder]  # type: ignore[assignment]  # a state's items and returns have fewer fields
    returns: dict[str, ReturnOfOrder]  # type: ignore[assignment]
    awaited: dict[str, Awaited] = Field(default_factory=dict)


class Fact(TimelineEntry):
    """A timeline entry with the data that distinguishes it from others. `conflict`: another payload came under the same
    key before this one. `repeat_of`: the raw record of the same event with the same payload that was published before.
    `deliveries`: the number of deliveries, including the first, since workers began to count them. `last_received_at`:
    when the last delivery came. Both are null if the worker has forgotten them, or if they cannot be asked for."""

    payload_hash: str
    conflict: bool
    repeat_of: str | None
    deliveries: int | None = None
    last_received_at: Instant | None = None


class Timeline(Answer):
    """A page of the facts of an order. `count`: the number of all its facts. `before`: the number of facts before this
    page. `next`: the value of `after` for the next page."""

    order_id: str
    order: Literal["happened", "arrived"]
    entries: list[Fact]
    before: int = 0
    count: int
    next: str | None


class Event(Answer):
    """A raw record that is one of the order's events. In `body`, each value that is not on the list of shown fields is
    `•••`, unless `masked` is false. If `masked` is false, `text` is the body as it came."""

    order_id: str
    source: str
    masked: bool
    body: Any
    text: str | None


class ListedOrder(Part):
    """An order as an entry of a list. `since`: in a list by age, when the bridge received the last event that the order
    had when it came into the list; in other lists null. Amounts are in the order's own currency, and null if that is
    not known. `refund_outstanding` is the sum over all returns and refund requests of the order. If the order's own
    currency is not known, it is in the currency that they all have."""

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
    """A page of orders. It may be empty although there is a next page. `next`: the value of `after` for the next
    page."""

    orders: list[ListedOrder]
    next: str | None


class BlindReturn(ReturnFacts):
    """A return that belongs to no order. `external_order_id` is the value of a field whose name suggests an external
    order id."""

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
    """Refunds under an id of which nothing else is known: the id of a blind return's payment account. `refunded`: the
    refunded amounts by currency. Refunds without a currency are under an empty name."""

    kind: Literal["refund"]
    since: Instant | None
    order_id: str
    refunded: dict[str, Money]
    refund_requests: dict[str, RefundRequest]
    first_received_at: Instant
    last_received_at: Instant


class BlindReturns(Answer):
    """A page of blind returns, oldest first."""

    blind_returns: list[BlindReturn | BlindRefund]
    next: str | None


class Gap(Part):
    """An event that an order waits for. `kind`: `missing` if other events prove that the event exists; `stalled` if the
    event should have come next. `since`: when the event became late, or was awaited for too long.
    `settled_by_exchange`: if the gap is a refund for a return, the orders in exchange for that return; null if these
    are not known, and for other gaps."""

    order_id: str
    name: str
    kind: Literal["missing", "stalled"] | str
    since: Instant
    window: Window
    settled_by_exchange: list[str] | None = None


class GapOrders(Part):
    """The number of incomplete orders, and the number of stalled orders."""

    incomplete: int
    stalled: int


class Gaps(Answer):
    """A page of gaps. The orders that have waited longest come first. `window` covers the windows of all gaps of the
    page; it is null if the page has no gaps. `orders` counts all orders with gaps. `next`: the value of `after` for the
    next page."""

    gaps: list[Gap]
    orders: GapOrders
    window: Window | None
    next: str | None


class Acknowledged(Part):
    """The events that an order waits for after one of its gaps was set aside, from its state."""

    order_id: str
    incomplete: bool
    missing: list[str]
    stalled: list[str]
    acknowledged: list[AcknowledgedGap]


class SeenEvent(Part):
    """The number of deliveries of an event. `id`: the event's `ce_id`, as it was asked for. `deliveries`: the number of
    deliveries, including the first, since workers began to count them. The other fields are null if the worker has not
    seen the event, or has forgotten it."""

    id: str
    deliveries: int | None = Field(ge=1)
    first_received_at: Instant | None
    last_received_at: Instant | None


class Seen(Answer):
    """Events in the order of the ids that were asked for. `applied`: by raw partition that was asked, the offset of the
    last record that is counted. `read_to` is empty, because no partition of the orders topic is asked."""

    events: list[SeenEvent]
