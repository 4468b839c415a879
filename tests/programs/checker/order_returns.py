"""What came back and what has to be paid back, by return and by refund request (docs/order-state.md)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tests.programs.checker.facts import REFUND_REQUEST, RETURN, Fact, in_force
from tests.programs.checker.order_evidence import is_service
from tests.programs.checker.order_items import Items
from tests.programs.checker.order_money import Payments, are_alike, is_more, least_of
from tests.programs.checker.values import (
    currency_code,
    identifier,
    instant,
    less,
    money,
    text,
    total,
    unsigned,
    unsigned_pieces,
)

_TEXTS = ("return_location_id", "associate_id")
_AMOUNTS = {
    unsigned: ("total_refund_amount", "total_refund_amount_adjusted", "return_fee"),
    money: ("total_refund_excl_tax", "total_refund_tax"),
}
_PROMISED = ("total_refund_amount_adjusted", "total_refund_amount", "return_fee")
_LINE_TEXTS = ("product_id", "return_reason", "return_code", "item_condition", "condition_code")
_LINE_AMOUNTS = ("refund_amount", "refund_amount_adjusted", "refund_excl_tax", "refund_tax")
_REQUEST_TEXTS = ("return_reason", "reason_code", "note")


def returned_pieces(facts: Sequence[Fact], sendable: Collection[str]) -> Counter[str]:
    """The pieces that came back, by item; a line without a quantity is one piece."""
    returned = Counter[str]()
    for fact in in_force(facts, RETURN).values():
        for item, line in goods(fact, sendable):
            quantity = unsigned_pieces(line.get("quantity"))
            returned[item] += 1 if quantity is None else quantity
    return returned


def goods(fact: Fact, sendable: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The lines of a return that are pieces of the order's items."""
    return ((item, line) for item, line in fact.by_item() if _is_of_goods(line, sendable))


def is_more_than_money(fact: Fact, services: Collection[str]) -> bool:
    """Whether a return may be of goods that had been sent: it has no lines, or some that are not shipping or gift
    wrapping."""
    lines = fact.all_said("items")
    paid_for = [line for line in lines if is_service(_type(line)) or identifier(line.get("id")) in services]
    return lines == [] or len(paid_for) < len(lines)


def return_status(facts: Sequence[Fact], items: Items, due: Mapping[str, int], *, is_list_known: bool) -> str:
    """The document's `return_status`. `due`: pieces that are due, by item. `full` needs a known list. Else it is
    `unknown` if nothing of a line can be read."""
    if not (returns := in_force(facts, RETURN)):
        return "none"
    back = sum(min(wanted, items[item]["returned_quantity"]) for item, wanted in due.items())
    if is_list_known and 0 < sum(due.values()) == back:
        return "full"
    lines = [_line(line) for fact in returns.values() for line in fact.all_said("items")]
    return "partial" if all(any(said is not None for said in line.values()) for line in lines) else "unknown"


def returns_of(
    facts: Sequence[Fact], sendable: Collection[str], payments: Payments, currency: str | None
) -> dict[str, dict[str, Any]]:
    """The document's `returns`. `currency`: the order's."""
    return {key: _return(fact, sendable, payments, currency) for key, fact in in_force(facts, RETURN).items()}


def refund_requests_of(facts: Sequence[Fact], payments: Payments, currency: str | None) -> dict[str, dict[str, Any]]:
    """The document's `refund_requests`. `currency`: the order's."""
    return {key: _refund_request(fact, payments, currency) for key, fact in in_force(facts, REFUND_REQUEST).items()}


def given_for_them(facts: Sequence[Fact], payments: Payments, currency: str | None) -> set[str]:
    """The refunds for returns and refund requests, in their currencies."""
    promises = [*in_force(facts, RETURN).values(), *in_force(facts, REFUND_REQUEST).values()]
    return {key for fact in promises for key in _given_for(fact, payments, currency)[0]}


def _return(fact: Fact, sendable: Collection[str], payments: Payments, currency: str | None) -> dict[str, Any]:
    said, refunded, known = fact.payload, *_refunded(fact, payments, currency)
    amounts = {field: read(said.get(field)) for read, of in _AMOUNTS.items() for field in of}
    return {
        "returned_at": instant(said.get("returned_at")),
        "currency": currency_code(said.get("currency")),
        **{field: text(said.get(field)) for field in _TEXTS},
        **amounts,
        "items": [_line(line) for line in fact.lines() if _is_of_goods(line, sendable)],
        "unmapped": [_line(line) for line in fact.all_said("items") if not _is_of_goods(line, sendable)],
        "refunded": refunded,
        "refund_outstanding": _left(_promised(said), known, currency_code(said.get("currency")) or currency),
    }


def _promised(said: dict[str, Any]) -> str | None:
    """The adjusted amount, else the total without the fee, at least 0. None if one of these is there and is no
    amount."""
    adjusted, all_, fee = (said.get(field) for field in _PROMISED)
    if not (adjusted is None or adjusted == ""):
        return unsigned(adjusted)
    rest = less(unsigned(all_), "0" if fee is None or fee == "" else unsigned(fee))
    return rest if rest is None or is_more(rest) else "0"


def _left(promised: str | None, given: str | None, currency: str | None) -> str | None:
    """What is still owed. "0" if something went out and the two amounts differ only by the noise of binary
    fractions."""
    return "0" if is_more(given) and are_alike(promised, given, least_of(currency)) else less(promised, given)


def is_of_fee(said: dict[str, Any], allowance: str) -> bool:
    """Whether just the fee is left of a return whose adjusted amount is its total: nobody knows whether that is without
    the fee."""
    fee, left = said.get("return_fee"), said["refund_outstanding"]
    totals = (said.get("total_refund_amount"), said.get("total_refund_amount_adjusted"))
    return is_more(fee) and are_alike(fee, left, allowance) and are_alike(*totals, allowance)


def _refund_request(fact: Fact, payments: Payments, currency: str | None) -> dict[str, Any]:
    said, refunded, known = fact.payload, *_refunded(fact, payments, currency)
    amount = unsigned(said.get("amount"))
    return {
        "amount": amount,
        "requested_at": instant(said.get("requested_at")),
        "payment_account_id": identifier(said.get("payment_account_id")),
        "currency": currency_code(said.get("currency")),
        **{field: text(said.get(field)) for field in _REQUEST_TEXTS},
        "refunded": refunded,
        "refund_outstanding": _left(amount, known, currency_code(said.get("currency")) or currency),
    }


def _refunded(fact: Fact, payments: Payments, currency: str | None) -> tuple[str, str | None]:
    """What went out for it; and the same if that is certainly all, else None."""
    keys, is_sure = _given_for(fact, payments, currency)
    amounts = [payments[key]["amount"] for key in keys]
    return total(amounts), total(amounts) if is_sure and None not in amounts else None


def _given_for(fact: Fact, payments: Payments, currency: str | None) -> tuple[list[str], bool]:
    """The refunds under its id in its currency; and whether that is certain. Its currency is its own, else the order's,
    else the first of its refunds'. A refund without a currency counts."""
    named = [
        key
        for key, payment in payments.items()
        if (payment["status"], payment["correlation_id"]) == ("refunded", fact.id)
    ]
    theirs = {payments[key]["currency"] for key in named} - {None}
    own = currency_code(fact.payload.get("currency")) or currency
    fitting = [key for key in named if payments[key]["currency"] in {None, own or min(theirs, default=None)}]
    return fitting, own is not None or len(theirs) < 2


def _is_of_goods(line: dict[str, Any], sendable: Collection[str]) -> bool:
    return identifier(line.get("id")) in sendable and not is_service(_type(line))


def _type(line: dict[str, Any]) -> str | None:
    return text(line.get("item_type")) or text(line.get("type"))


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier(line.get("id")),
        "item_type": _type(line),
        **{field: text(line.get(field)) for field in _LINE_TEXTS},
        **{field: money(line.get(field)) for field in _LINE_AMOUNTS},
        "quantity": unsigned_pieces(line.get("quantity")),
    }
