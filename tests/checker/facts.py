"""An order's events as the independent fold takes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
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

    @property
    def id(self) -> str | None:
        """The entity that it is about, if it has a usable id."""
        return usable(self.payload.get("id"))

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says of items; members of the list that are no objects say nothing."""
        lines = self.payload.get("items")
        if isinstance(lines, list) and (self.of_request or self.name in {*LISTS, *ENDS, *MOVES, SWAP, RETURN}):
            yield from (line for line in lines if isinstance(line, dict))

    def by_item(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same by item id, where it has one."""
        return ((item, line) for line in self.lines() if (item := usable(line.get("id"))) is not None)


def usable(value: object) -> str | None:
    """An id or a code of 1 to 200 characters; JSON's whole numbers are text here."""
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        return None
    return value if value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value) else None


def pieces(value: object) -> int | None:
    """A quantity: a whole number of at most nine digits, however it is spelt."""
    if not isinstance(value, str | float) or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return int(number) if number.is_finite() and 0 <= number < 10**9 and number == int(number) else None


def in_order(facts: Sequence[Fact]) -> list[Fact]:
    """As they happened. Times must be distinct and in UTC, but for facts that contradict each other."""
    return sorted(facts, key=lambda fact: fact.published_at.strip().removesuffix("Z"))
