"""What an order's facts amount to: the accumulator that rows keep beside the facts, all of it JSON."""

from collections.abc import Iterator
from typing import NotRequired, TypedDict

from processors.orders.extract import Data


class Item(TypedDict):
    """What is known of one item id.

    `progress` is its status by the last fact about it, `stated` the one that the end of the whole order gave it,
    `created` and `opened` tell whose list names it, `fields` holds everything else.
    """

    progress: str
    stated: NotRequired[str]
    created: bool
    opened: bool
    fields: Data


class Folded(TypedDict):
    """The accumulator of one order.

    `names` are the events seen, `shipped` tells whether any of them proves that goods went out, `assigned` has
    for each fulfilment request whether its assignment was seen, `items` and `returns` are by id.
    """

    names: list[str]
    shipped: bool
    items: dict[str, Item]
    assigned: dict[str, bool]
    returns: dict[str, Data]


def nothing() -> Folded:
    """Return what no facts at all amount to."""
    return {"names": [], "shipped": False, "items": {}, "assigned": {}, "returns": {}}


def named(folded: Folded, data: Data) -> Iterator[tuple[Item, Data]]:
    """Yield each item that a fact names with what it says there; a member without a usable id names none.

    The first fact that names an item brings it into being, whatever event that is.
    """
    items = folded["items"]
    for said in data.get("items", ()):
        item_id = said.get("id")
        if item_id is None:
            continue
        if item_id not in items:
            items[item_id] = {"progress": "pending", "created": False, "opened": False, "fields": {}}
        yield items[item_id], said
