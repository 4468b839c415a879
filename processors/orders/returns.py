"""What came back: the returns of an order, the pieces of each item, and how much of the whole that is."""

from collections.abc import Mapping
from typing import Any, Final

from processors.orders.extract import Data
from processors.orders.folded import Folded, named
from schemas.order_state import ReturnStatus

_NO_ID: Final = ""
"""Stands for the item id of lines without a usable one; no usable id is empty."""


def processed(folded: Folded, key: str, data: Data) -> None:
    """Keep the return under its id, or under its fact's key string if the id is not usable."""
    folded["shipped"] = True  # nothing comes back that never went out
    folded["returns"][data.get("id", key)] = data
    for item, said in named(folded, data):
        if "product_id" in said:
            item["fields"].setdefault("product_id", said["product_id"])


def returned_pieces(returns: Mapping[str, Data]) -> dict[str, int]:
    """Return the number of pieces that came back by item id; a line without a quantity is one piece."""
    counts: dict[str, int] = {}
    for data in returns.values():
        for line in data.get("items", ()):
            item_id = line.get("id", _NO_ID)
            counts[item_id] = counts.get(item_id, 0) + line.get("quantity", 1)
    return counts


def return_status(items: Mapping[str, Mapping[str, Any]], returned: Mapping[str, int]) -> ReturnStatus:
    """Compare what came back with what was ordered and not cancelled, for an order with a return.

    `items` are the document's. Pieces under an id that is not in the order's list count for any item, because a
    swap changes ids; too many pieces of a listed item count for no other. While the list is unknown, or nothing
    of it is left that could come back, a return is partial.
    """
    listed = {item_id: item for item_id, item in items.items() if item["ordered"]}
    due = {
        item_id: 1 if item["quantity"] is None else item["quantity"]
        for item_id, item in listed.items()
        if item["status"] != "cancelled"
    }
    back = sum(min(returned.get(item_id, 0), pieces) for item_id, pieces in due.items())
    back += sum(pieces for item_id, pieces in returned.items() if item_id not in listed)
    return "full" if 0 < sum(due.values()) <= back else "partial"
