"""What events say about their orders: one type for each kind of event, with what is read of its payload."""

from typing import Any, NamedTuple


class Listed(NamedTuple):
    """`order.created`, `order.opened`: the order's usable fields, its exchanges, its items by id. `is_clear`: the event
    lists these items and no others, each once."""

    fields: dict[str, Any]
    exchanges: list[tuple[str | None, str | None]] | None
    items: dict[str, list[Any]]
    is_clear: bool


class Ended(NamedTuple):
    """What an end of the order says of an item in all its lines: how many `pieces` (a line without a readable quantity
    is one), how many of them are `complete` (they went out, even if they came back), and how many `cancelled`."""

    product: str | None
    quantity: int | None
    status: str | None
    location: str | None
    service_level: str | None
    pieces: int
    complete: int
    cancelled: int


class Closed(NamedTuple):
    """`order.completed`, `order.shipped`, `order.cancelled`: what the event says of each item, by item id."""

    items: dict[str, Ended]


class Named(NamedTuple):
    """An event that names items: for each item id the product, the cancellation reason, and how often it is named."""

    items: dict[str, tuple[str | None, str | None, int]]


class Swapped(NamedTuple):
    """`order.items_swapped`: the items it names, and all ids in each member of its list. The payload is not public:
    private descriptions speak of an item's uuid and a product."""

    items: dict[str, tuple[str | None, str | None, int]]
    ids: list[list[str]]


class Requested(NamedTuple):
    """`fulfillment_request.*`: for each item id the product, carrier, tracking code, time of shipment, and how often it
    is named. `turn` is the event's `logical_timestamp`, which only grows; -1 if none can be read."""

    id: str | None
    turn: int
    location: str | None
    service_level: str | None
    associate_id: str | None
    items: dict[str, tuple[str | None, str | None, str | None, str | None, int]]


class Transaction(NamedTuple):
    """A transaction of a payment account; its amount has no sign."""

    id: str | None
    amount: str | None
    currency: str | None
    correlation_id: str | None
    instrument_id: str | None
    payment_method: str | None
    payment_wallet: str | None
    payment_provider: str | None


class Returned(NamedTuple):
    """`return.processed`: `RETURN_FIELDS`, and `RETURNED_FIELDS` of each line. `is_clear`: what it gives back is known,
    or not said."""

    id: str | None
    fields: list[Any]
    lines: list[list[Any]]
    is_clear: bool


class RefundRequested(NamedTuple):
    """`refund_request.issued`: `REFUND_REQUEST_FIELDS`."""

    id: str | None
    fields: list[Any]


class Invoiced(NamedTuple):
    """`invoice.created`."""

    id: str | None


Said = Listed | Closed | Named | Swapped | Requested | list[Transaction] | Returned | RefundRequested | Invoiced | None
"""What an event says; None: nothing that is read."""
