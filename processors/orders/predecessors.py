"""Which events must have happened, by what is known, but were not seen yet."""

from dataclasses import dataclass
from typing import Final

from processors.orders.folded import Folded

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
