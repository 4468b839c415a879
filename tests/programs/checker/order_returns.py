"""What facts say of an order's returns; docs/order-state.md and its schema, written once more."""

from collections.abc import Sequence
from typing import Any

from tests.programs.checker.facts import RETURN, Fact, instant, money, pieces, usable

_TEXTS = ("return_location_id", "associate_id", "currency")
_AMOUNTS = (
    "total_refund_amount",
    "total_refund_amount_adjusted",
    "total_refund_excl_tax",
    "total_refund_tax",
    "return_fee",
)
_LINE_TEXTS = ("id", "product_id", "return_reason", "return_code", "item_condition", "condition_code")
_LINE_AMOUNTS = ("refund_amount", "refund_amount_adjusted", "refund_excl_tax", "refund_tax")


def returns_of(facts: Sequence[Fact]) -> dict[str, dict[str, Any]]:
    """The document's ``returns``: of facts about one return the last counts."""
    return {fact.id: _return(fact) for fact in facts if fact.name == RETURN and fact.id}


def _return(fact: Fact) -> dict[str, Any]:
    said = fact.payload
    return {
        "returned_at": instant(said.get("returned_at")),
        **{field: usable(said.get(field)) for field in _TEXTS},
        **{field: money(said.get(field)) for field in _AMOUNTS},
        "items": [_line(line) for line in fact.lines()],
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        **{field: usable(line.get(field)) for field in _LINE_TEXTS},
        **{field: money(line.get(field)) for field in _LINE_AMOUNTS},
        "quantity": pieces(line.get("quantity")),
    }
