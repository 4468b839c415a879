"""What an end of the order says of an item, in one line or in one for each piece."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from processors.orders.said import Closed, Ended
from processors.orders.values import quantity, text

SHIPPED: Final = frozenset({"complete", "returned"})
"""Statuses of pieces that went out."""
CANCELLED: Final = "cancelled"

_BY_CERTAINTY: Final = (CANCELLED, None, "returned", "complete")
"""Statuses of a piece: of two, the later one here decides. Any other status counts as None."""


def closed_by(lines: Iterable[tuple[str, Mapping[str, Any]]]) -> Closed:
    """Return what lines, each with its item's id, say of these items. A line may be one piece of its item, as NewStore
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
    """Rank what one piece says of its whole item: a piece that went out decides; cancelled counts only if all are."""
    return _BY_CERTAINTY.index(status) if status in _BY_CERTAINTY else 1
