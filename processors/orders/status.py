"""The status of an order, and the summary that gauges over all orders count."""

from dataclasses import dataclass

from processors.orders.folded import Folded
from schemas.order_state import OrderStatus


@dataclass(frozen=True, slots=True)
class Summary:
    """What counts over all orders are made of; `incomplete` takes a clock, so the fold never sets it."""

    status: OrderStatus
    provisional: bool
    incomplete: bool


def order_status(folded: Folded) -> OrderStatus:
    """Return the status that the set of facts amounts to: the first of these rules that holds."""
    names = folded["names"]
    if "order.cancelled" in names:
        return "cancelled"
    if "order.completed" in names:
        return "completed"
    if any(item["progress"] == "on_hold" for item in folded["items"].values()):
        return "on_hold"
    if "order.opened" in names:
        return "open"
    return "created" if any(name.startswith("order.") for name in names) else "unknown"
