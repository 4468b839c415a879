"""What an end of the order says of an item, in one line or in a line for each piece."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from processors.orders.said import Closed, Ended
from processors.orders.values import quantity, text

SHIPPED: Final = frozenset({"complete", "returned"})
"""Statuses of what went out."""
CANCELLED: Final = "cancelled"

_BY_CERTAINTY: Final = (CANCELLED, None, "returned", "complete")
"""Statuses of a piece; any other one is as good as none."""


def closed_by(lines: Iterable[tuple[str, Mapping[str, Any]]]) -> Closed:
    """Return what lines say of their items, each of which it names. A line may be a piece of its item, as NewStore
    describes them, or all of it."""
    items: dict[str, Ended] = {}
    for item, line in lines:
        said = _ended(line)
        items[item] = _both(items[item], said) if item in items else said
    return Closed(items)


def _ended(line: Mapping[str, Any]) -> Ended:
    number, status = quantity(line.get("quantity")), text(line.get("status"))
    pieces = 1 if number is None else number
    return Ended(
        text(line.get("product_id")),
        number,
        status,
        text(line.get("fulfillment_location_id")),
        text(line.get("shipping_service_level")),
        pieces,
        pieces if status in SHIPPED else 0,
        pieces if status == CANCELLED else 0,
    )


def _both(one: Ended, other: Ended) -> Ended:
    number = None if one.quantity is None and other.quantity is None else (one.quantity or 0) + (other.quantity or 0)
    return Ended(
        other.product or one.product,
        number,
        max(one.status, other.status, key=_certainty),
        other.location or one.location,
        other.service_level or one.service_level,
        one.pieces + other.pieces,
        one.complete + other.complete,
        one.cancelled + other.cancelled,
    )


def _certainty(status: str | None) -> int:
    """What one piece of an item says of all: that it went out counts first, and that it was cancelled only where each
    one was."""
    return _BY_CERTAINTY.index(status) if status in _BY_CERTAINTY else 1
