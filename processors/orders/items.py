"""What the events do to the items they name, and the status an item has in the end."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from processors.orders.extract import Data
from processors.orders.folded import Folded, Item, named
from schemas.order_state import ItemStatus

_STATUSES: Final = frozenset(get_args(ItemStatus))
_WAITING: Final = frozenset({"pending", "in_fulfillment", "on_hold"})
_SHIPPED: Final = frozenset({"complete", "returned"})
_FIXED: Final = frozenset({"product_id", "quantity"})
_NO_FIELD: Final = frozenset({"id", "status"})


def noted(folded: Folded, data: Data, *, assigned: bool) -> None:
    """Remember whether this fact or an earlier one assigned the request, and the place of the items it names."""
    request_id = data.get("id")
    if request_id is not None:
        folded["assigned"][request_id] = assigned or folded["assigned"].get(request_id, False)
    location = data.get("fulfillment_location_id")
    if location is not None:
        for item, _ in named(folded, data):
            item["fields"]["fulfillment_location_id"] = location


def listed(folded: Folded, data: Data, *, by: Literal["created", "opened"]) -> None:
    """Take the order's own list of items; where two lists describe an item, the later one counts."""
    for item, said in named(folded, data):
        item[by] = True
        item["fields"].update(said)
        del item["fields"]["id"]


def moved(folded: Folded, data: Data, *, to: ItemStatus) -> None:
    """Let each item named make the step that the event stands for."""
    for item, said in named(folded, data):
        _learn(item, said)
        item["progress"] = to


def released(folded: Folded, data: Data, *, to: ItemStatus) -> None:
    """End the hold of each item named: for events that are certain about nothing else."""
    for item, said in named(folded, data):
        _learn(item, said)
        if item["progress"] == "on_hold":
            item["progress"] = to


def closed(folded: Folded, data: Data, *, default: ItemStatus) -> None:
    """Note the status that the order's end gave each item: the payload's if it is a known one, else `default`."""
    for item, said in named(folded, data):
        _learn(item, said)
        status = said.get("status", "")
        item["stated"] = status if status in _STATUSES else default
        if status in _SHIPPED:
            folded["shipped"] = True


def _learn(item: Item, said: Data) -> None:
    """Add what a fact says about an item; product and quantity only where nothing said them before."""
    fields = item["fields"]
    for name, value in said.items():
        if name not in _NO_FIELD and not (name in _FIXED and name in fields):
            fields[name] = value


def item_status(item: Item, returned: int, *, order_cancelled: bool) -> str:
    """Return the item's status. What happened to the item itself outranks what the order's end says of it."""
    if returned > 0 and returned >= pieces(item):
        return "returned"
    if item["progress"] not in _WAITING:
        return item["progress"]
    return item.get("stated") or ("cancelled" if order_cancelled else item["progress"])


def pieces(item: Item) -> int:
    """Return the quantity ordered; one piece if no fact says it."""
    quantity: int = item["fields"].get("quantity", 1)
    return quantity


def ordered_ids(items: Mapping[str, Item]) -> frozenset[str]:
    """Return the order's own list: that of `order.opened`, or that of `order.created` until it is known."""
    opened = frozenset(item_id for item_id, item in items.items() if item["opened"])
    return opened or frozenset(item_id for item_id, item in items.items() if item["created"])
