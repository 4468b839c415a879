"""An order's events as the independent fold takes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

LISTS = ("order.created", "order.opened")
"""Have the order's own list of items."""

ENDS = {"order.completed": "complete", "order.shipped": "complete", "order.cancelled": "cancelled"}
"""End the order; the status of an item for which they state none."""

MOVES = {
    "order.items_on_hold": "on_hold",
    "order.items_cancelled": "cancelled",
    "fulfillment_request.assigned": "in_fulfillment",
    "fulfillment_request.items_ready_for_handover": "in_fulfillment",
    "fulfillment_request.items_failed": "pending",
    "fulfillment_request.items_completed": "complete",
}
"""Give each item that they name this status."""

SWAP, RETURN = "order.items_swapped", "return.processed"


@dataclass(frozen=True, slots=True)
class Fact:
    """``event`` tells it from the order's other events; two facts of one ``event`` contradict each other."""

    event: str
    name: str
    published_at: str
    source: str
    payload: dict[str, Any]

    @property
    def of_request(self) -> bool:
        """Whether it is about a fulfilment request."""
        return self.name.startswith("fulfillment_request.")

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says of items."""
        if self.of_request or self.name in {*LISTS, *ENDS, *MOVES, SWAP, RETURN}:
            yield from self.payload.get("items", ())

    def by_item(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same by item id, where it has one."""
        return ((line["id"], line) for line in self.lines() if "id" in line)


def in_order(facts: Sequence[Fact]) -> list[Fact]:
    """As they happened. Times must be distinct and in UTC, but for facts that contradict each other."""
    return sorted(facts, key=lambda fact: fact.published_at.strip().removesuffix("Z"))
