"""The slots of an order's row: what its facts amount to.

Each slot is a join of what facts said: the latest value in canonical order, the greatest, or the union. Joins give the
same result whatever order facts come in, and however often. So facts are joined one by one, and nothing is ever folded
again. What can be derived from slots is derived when a document is written (`render`).
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from processors.orders.canonical import Place

At = int
"""A fact, by its index in the row, where facts are only ever appended. -1: none."""

NONE: Final = -1

Stated = tuple[At, Any]
"""A value, and the fact that stated it."""

Places = Sequence[Place]
"""Places of all facts of the row, by index."""


def is_later(one: At, other: At, places: Places) -> bool:
    """Say whether a fact comes after another one, or is the same; NONE comes before all."""
    return other == NONE or (one != NONE and places[one] >= places[other])


def latest(slot: Stated | None, at: At, value: Any, places: Places) -> Stated | None:
    """Return the later of two stated values; None states nothing."""
    return slot if value is None or (slot and not is_later(at, slot[0], places)) else (at, value)


def first(slot: Stated | None, at: At, value: Any, places: Places) -> Stated | None:
    """Return the earlier of two stated values."""
    return slot if value is None or (slot and is_later(at, slot[0], places)) else (at, value)


def value_of(slot: Stated | None) -> Any:
    """Return what a slot holds."""
    return None if slot is None else slot[1]


def stated_by(slot: Stated | None) -> At:
    """Return the fact that stated a slot's value."""
    return NONE if slot is None else slot[0]


class ItemSlots(Struct, array_like=True, gc=False):
    """One item id. `named` is a set of bits, one for each kind of event that names it (`events.BIT`).

    `created`, `opened`: what the latest list of that kind with this item says (`payload.LISTED_FIELDS`). `completed`,
    `shipped`, `cancelled`: the status that `order.completed`, `.shipped`, `.cancelled` state. `went_out`: an
    `order.shipped` names it, and not as cancelled. `cancellations`: the `order.items_cancelled` that name it;
    `cancelled_at_once`: how often one of them does at most. `ended`: for each end of the order that tells of more than
    one piece, how many went out by it, and how many were cancelled.
    """

    named: int = 0
    product: Stated | None = None
    created: Stated | None = None
    opened: Stated | None = None
    completed: Stated | None = None
    shipped: Stated | None = None
    went_out: bool = False
    cancelled: Stated | None = None
    quantity: Stated | None = None
    location: Stated | None = None
    service_level: Stated | None = None
    held: At = NONE
    cancellations: list[At] = []
    cancellation_reason: Stated | None = None
    cancelled_at_once: int = 0
    ended: dict[At, tuple[int, int]] = {}


class RequestedItemSlots(Struct, array_like=True, gc=False):
    """What one request says about one item. `step` is the furthest (`joining.STEPS`); `pieces` the most that one fact
    completes; `parcels` how many each fact completes. `carrier`, `tracking_code` and `shipped_at` are from the fact of
    the furthest step."""

    step: int = 0
    assigned: At = NONE
    pieces: int = 0
    product: Stated | None = None
    carrier: Stated | None = None
    tracking_code: Stated | None = None
    shipped_at: Stated | None = None
    parcels: dict[At, int] = {}


class RequestSlots(Struct, array_like=True, gc=False):
    """One fulfilment request. `step` is the furthest of its events; `turns` has the logical timestamps of its facts, if
    they have any."""

    step: int = 0
    turns: dict[At, int] = {}
    is_assigned: bool = False
    last: At = NONE
    location: Stated | None = None
    service_level: Stated | None = None
    associate_id: Stated | None = None
    items: dict[str, RequestedItemSlots] = {}


class OrderSlots(Struct, array_like=True, gc=False):
    """One order. `seen` is a set of bits, as `ItemSlots.named`.

    `created`, `opened`: the order's own fields (`payload.ORDER_FIELDS`) and exchanges. `payments`: by step of a
    transaction (`<action>:<transaction id>`) and by fact, what the fact says of it (`said.Transaction`), as often as it
    names it. `returns`, `refund_requests`: by id, as `said.Returned` and `said.RefundRequested`. `swaps`: sets of ids
    that stood together in a fact. `external_ids`, `tracking_codes`, `exchange_orders`, `exchange_returns`: all that any
    fact named, since the order is found by them (`ids`), though it shows only the latest. `unclear`: facts whose list
    has items that cannot be told apart, or whose return gives back what cannot be read.
    """

    seen: int = 0
    created: Stated | None = None
    opened: Stated | None = None
    items: dict[str, ItemSlots] = {}
    requests: dict[str, RequestSlots] = {}
    payments: dict[str, dict[At, list[list[Any]]]] = {}
    returns: dict[str, Stated] = {}
    refund_requests: dict[str, Stated] = {}
    invoices: dict[str, At] = {}
    swaps: list[tuple[At, list[str]]] = []
    external_ids: list[str] = []
    tracking_codes: list[str] = []
    exchange_orders: list[str] = []
    exchange_returns: list[str] = []
    unclear: list[At] = []
