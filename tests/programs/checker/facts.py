"""An order's events as the independent fold takes them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d)(?::?(\d\d))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fact:
    """``event`` tells it from the order's other events; two facts of one ``event`` contradict each other."""

    event: str
    name: str
    published_at: str
    received_at: str
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
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 10**9 and number == int(number) else None


def money(value: object) -> str | None:
    """An amount, exact, without exponent and without zeros that say nothing."""
    if (number := _number(value)) is None:
        return None
    text = f"{number.copy_abs():f}"  # abs() rounds
    amount = text.rstrip("0").rstrip(".") if "." in text else text
    return f"-{amount}" if number < 0 else amount


def _number(value: object) -> Decimal | None:
    if not isinstance(value, str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def instant(value: object) -> str | None:
    """A time in UTC, up to nine fraction digits without zeros that say nothing; no zone means UTC."""
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    day, time, digits, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{hours or '+00'}:{minutes or '00'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    fraction = (digits or "")[:9].rstrip("0")
    return f"{moment.replace(tzinfo=None).isoformat()}{'.' if fraction else ''}{fraction}Z"


def in_order(facts: Sequence[Fact]) -> list[Fact]:
    """As they happened. Times must be distinct, but for facts that contradict each other."""
    return sorted(facts, key=lambda fact: (instant(fact.published_at) or "").removesuffix("Z"))
