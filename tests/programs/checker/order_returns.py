"""What came back and what was to be paid back, by return and by request; order-state rules R2 and R3, written once
more."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from tests.programs.checker.facts import REFUND_REQUEST, RETURN, Fact, in_force
from tests.programs.checker.order_items import Items, ordered_pieces
from tests.programs.checker.order_money import Payments
from tests.programs.checker.values import identifier, instant, less, money, pieces, text, total

_TEXTS = ("return_location_id", "associate_id", "currency")
_AMOUNTS = (
    "total_refund_amount",
    "total_refund_amount_adjusted",
    "total_refund_excl_tax",
    "total_refund_tax",
    "return_fee",
)
_LINE_TEXTS = ("product_id", "return_reason", "return_code", "item_condition", "condition_code")
_LINE_AMOUNTS = ("refund_amount", "refund_amount_adjusted", "refund_excl_tax", "refund_tax")
_REQUEST_TEXTS = ("currency", "payment_account_id", "return_reason", "reason_code", "note")
_NO_GOODS = {"shipping", "gift-wrapping"}


def returned_pieces(facts: Sequence[Fact], effective: Collection[str]) -> Counter[str]:
    """Pieces that came back, by item; a line that does not say how many is one."""
    returned = Counter[str]()
    for fact in in_force(facts, RETURN).values():
        for item, line in goods(fact, effective):
            quantity = pieces(line.get("quantity"))
            returned[item] += 1 if quantity is None else quantity
    return returned


def goods(fact: Fact, effective: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The lines of a return that are pieces of the order's items."""
    return ((item, line) for item, line in fact.by_item() if _is_of_goods(line, effective))


def returns_of_goods(facts: Sequence[Fact]) -> list[Fact]:
    """Those that are in force, without the ones of which all lines are services."""
    found = in_force(facts, RETURN).values()
    return [fact for fact in found if not (types := [_type(line) for line in fact.lines()]) or set(types) - _NO_GOODS]


def return_status(facts: Sequence[Fact], due: Items, *, is_list_known: bool) -> str:
    """The document's; ``due``: effective items, neither cancelled nor replaced. Without a list nobody knows of all."""
    if not returns_of_goods(facts):
        return "none"
    ordered = sum(ordered_pieces(item) for item in due.values())
    back = sum(min(ordered_pieces(item), item["returned_quantity"]) for item in due.values())
    return "full" if is_list_known and 0 < ordered == back else "partial"


def returns_of(facts: Sequence[Fact], effective: Collection[str], payments: Payments) -> dict[str, dict[str, Any]]:
    """The document's ``returns``."""
    return {key: _return(fact, effective, payments) for key, fact in in_force(facts, RETURN).items()}


def refund_requests_of(facts: Sequence[Fact], payments: Payments) -> dict[str, dict[str, Any]]:
    """The document's ``refund_requests``."""
    return {key: _refund_request(fact, payments) for key, fact in in_force(facts, REFUND_REQUEST).items()}


def _return(fact: Fact, effective: Collection[str], payments: Payments) -> dict[str, Any]:
    said, refunded = fact.payload, _refunded(fact, payments)
    amounts = {field: money(said.get(field)) for field in _AMOUNTS}
    promised = less(amounts["total_refund_amount"], amounts["return_fee"] or "0")
    return {
        "returned_at": instant(said.get("returned_at")),
        **{field: text(said.get(field)) for field in _TEXTS},
        **amounts,
        "items": [_line(line) for line in fact.lines() if _is_of_goods(line, effective)],
        "unmapped": [_line(line) for line in fact.lines() if not _is_of_goods(line, effective)],
        "refunded": refunded,
        "refund_outstanding": less(amounts["total_refund_amount_adjusted"] or promised, refunded),
    }


def _refund_request(fact: Fact, payments: Payments) -> dict[str, Any]:
    said, refunded = fact.payload, _refunded(fact, payments)
    amount = money(said.get("amount"))
    return {
        "amount": amount,
        "requested_at": instant(said.get("requested_at")),
        **{field: text(said.get(field)) for field in _REQUEST_TEXTS},
        "refunded": refunded,
        "refund_outstanding": less(amount, refunded),
    }


def _refunded(fact: Fact, payments: Payments) -> str:
    """What went out under its id, but for what is said to be of another currency."""
    own = text(fact.payload.get("currency"))
    refunds = (payment for payment in payments.values() if payment["status"] == "refunded")
    fitting = (each for each in refunds if own is None or each["currency"] in {None, own})
    return total(refund["amount"] for refund in fitting if refund["correlation_id"] == fact.id)


def _is_of_goods(line: dict[str, Any], effective: Collection[str]) -> bool:
    return identifier(line.get("id")) in effective and _type(line) not in _NO_GOODS


def _type(line: dict[str, Any]) -> str | None:
    return text(line.get("item_type")) or text(line.get("type"))


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier(line.get("id")),
        "item_type": _type(line),
        **{field: text(line.get(field)) for field in _LINE_TEXTS},
        **{field: money(line.get(field)) for field in _LINE_AMOUNTS},
        "quantity": pieces(line.get("quantity")),
    }
