"""Orders that would become larger than their topics take. Pure.

Such an order stays as it is for good. Each further event of it is put aside, which says nothing about the handler. A
row of its own says so, because the order's row has megabytes, and thousands of events may follow.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import orjson

from processors.orders.apply import Applied, joined, rendered
from processors.orders.fact import Fact
from processors.orders.order_rules import OrderRules
from processors.orders.row import RULES_VERSION, dump


class OrderTooLargeError(Exception):
    """With this event its order would be too large."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"row or state of the order would have more than {most_bytes} bytes")


class Full(NamedTuple):
    """By which rules and which limit an order is too large; `listed`: its list of events has no room left, either."""

    rules_version: int
    most_bytes: int
    listed: bool

    @classmethod
    def load(cls, row: bytes | None, most_bytes: int) -> Self | None:
        """Read the row; None: there is none, or it is by other rules or another limit, and the order may fit now."""
        full = cls(*orjson.loads(row)) if row else None
        return full if full and full[:2] == (RULES_VERSION, most_bytes) else None

    def dump(self) -> bytes:
        """As a row."""
        return orjson.dumps([*self])


_SHARE: Final = (7, 8)


def most_bytes(max_value_bytes: int) -> int:
    """How large an order's row may be, and its state: each must fit in a record with the list of events put aside."""
    return max_value_bytes * _SHARE[0] // _SHARE[1]


_SHRINKS_BY: Final = 64 * 1024
"""Bytes by which a row may shrink as it is rendered: marks, and gaps that somebody set aside, may go."""


def within(row: bytes | None, facts: Sequence[Fact], rules: OrderRules, most_bytes: int) -> Applied | None:
    """`apply`; None: the order would be too large.

    A row that is too large by itself is refused before its document is made: with an event of 8 MB, the document can
    take so much memory that the worker is killed.
    """
    order = joined(row, facts)
    if len(dump(order.order)) > most_bytes + _SHRINKS_BY:
        return None
    applied = rendered(order, rules)
    return applied if max(len(applied.row), len(applied.state)) <= most_bytes else None


def fitting(row: bytes | None, facts: Sequence[Fact], rules: OrderRules, most_bytes: int) -> tuple[int, Applied | None]:
    """How many of these facts, from the first on, the order can take, and what it is with them (None: it takes
    none)."""
    if (applied := within(row, facts, rules, most_bytes)) is not None:
        return len(facts), applied
    taken, most, best = 0, len(facts), None
    while most - taken > 1:
        middle = (taken + most) // 2
        if (applied := within(row, facts[:middle], rules, most_bytes)) is not None:
            taken, best = middle, applied
        else:
            most = middle
    return taken, best
