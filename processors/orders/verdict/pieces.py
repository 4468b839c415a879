"""How many pieces of an order are due, and how many went out."""

from collections.abc import Sequence
from typing import Final

from processors.orders.render.items import NOT_DUE
from processors.orders.render.listing import is_no_goods
from processors.orders.verdict.sums import has_sums
from processors.orders.verdict.text import to_the_second
from schemas.order_state import Item, OrderState

FULFILLED: Final = {"partial": "partly fulfilled", "not_required": "nothing to fulfil", "unknown": "fulfilment unknown"}
"""Words for fulfilment statuses that would not say by themselves what they are of."""


def fulfilment_status(state: OrderState) -> str:
    """Return the document's status, but `unknown` where that is a constant: in an older document, or if no list has the
    order's items and nothing went out."""
    status = state.fulfillment_status
    is_claimed = status != "unfulfilled" or _is_listed(state) or any(map(_shipped, _due(state)))
    return status if has_sums(state) and is_claimed else "unknown"


def fulfilment(state: OrderState) -> str:
    """Return the fulfilment status with its pieces, `fulfilled 3/3`; without them if they are not certain."""
    status = fulfilment_status(state)
    words = FULFILLED.get(status, status)
    if status in {"not_required", "unknown"}:
        return words
    due = _due(state)
    shipped = sum(map(_shipped, due))
    if not _is_listed(state):
        return f"{words} {shipped:,}/unknown" if shipped else words
    quantities = [item.quantity for item in due]
    # Some pieces of an item may be cancelled. The document does not say how many, but has no current total then.
    is_sure = state.order.current_total is not None or set(quantities) <= {0, 1}
    if None in quantities or not is_sure:
        return words
    pieces = sum(quantity or 0 for quantity in quantities)
    # The document does not name every item that is owed. No numbers are better than those that contradict its status.
    agree = (shipped >= pieces) == (status == "fulfilled") and (shipped == 0) == (status == "unfulfilled")
    return f"{words} {shipped:,}/{pieces:,}" if agree else words


def held_since(item: Item) -> str | None:
    """Return since when an item is on hold, for a line; only the answer about one order says it."""
    said = (item.model_extra or {}).get("held_since")
    return to_the_second(said) if isinstance(said, str) else None


def _is_listed(state: OrderState) -> bool:
    return any(item.ordered for item in state.items.values())


def _due(state: OrderState) -> Sequence[Item]:
    requested = {item_id for request in state.fulfillment_requests.values() for item_id in request.items}
    return [item for item_id, item in state.items.items() if _is_due(item, is_requested=item_id in requested)]


def _is_due(item: Item, *, is_requested: bool) -> bool:
    is_owed = item.ordered or is_requested or bool(item.replaces or item.shipped_quantity)
    return is_owed and item.status not in NOT_DUE and not is_no_goods(item.item_type)


def _shipped(item: Item) -> int:
    shipped = item.shipped_quantity or 0
    return shipped if item.quantity is None else min(shipped, item.quantity)
