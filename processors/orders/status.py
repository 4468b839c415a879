"""The status of an order, and the summary that gauges over all orders count."""

from dataclasses import dataclass
from typing import Final

from processors.orders.folded import Folded
from schemas.order_state import OrderStatus

_CREATED: Final = "order.created"
_OPENED: Final = "order.opened"
_ASSIGNED: Final = "fulfillment_request.assigned"


@dataclass(frozen=True, slots=True)
class FoldRules:
    """What a deployment adds to the contract: the event names it is subscribed to, None for all of them."""

    events: frozenset[str] | None = None

    def expects(self, event: str) -> bool:
        """Tell whether the event would come at all: one that does not is never missing."""
        return self.events is None or event in self.events


def missing(folded: Folded, rules: FoldRules) -> list[str]:
    """Return the names of the events missing, sorted; an assignment as `fulfillment_request.assigned:<id>`."""
    names = folded["names"]
    absent = []
    if _CREATED not in names and rules.expects(_CREATED):
        absent.append(_CREATED)
    if _OPENED not in names and rules.expects(_OPENED) and any(map(_needs_opened, names)):
        absent.append(_OPENED)
    if rules.expects(_ASSIGNED):
        assigned = folded["assigned"].items()
        absent += [f"{_ASSIGNED}:{request_id}" for request_id, is_assigned in assigned if not is_assigned]
    return sorted(absent)


def _needs_opened(event: str) -> bool:
    return event == "order.completed" or event.startswith("fulfillment_request.")


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
