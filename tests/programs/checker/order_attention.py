"""What is possible with an order's money, but somebody should look at (docs/order-state.md)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tests.programs.checker.order_kept import held_of, taken_back
from tests.programs.checker.order_money import Payments, Sums, allowance_of, by_action, is_more, judged_by
from tests.programs.checker.values import less, total


def attention_to(
    payments: Payments,
    sums: Sums,
    unmatched: Sequence[dict[str, Any]],
    head: dict[str, Any],
    returns: dict[str, dict[str, Any]],
    requests: dict[str, dict[str, Any]],
    *,
    undone: Mapping[str, str] = MappingProxyType({}),
    in_part: bool = False,
) -> list[dict[str, str]]:
    """The document's `attention`. `head`, `returns` and `requests`: its `order`, `returns` and `refund_requests`.
    `undone`: captures that voids took back, by instrument, in the currency that is judged. `in_part`: there may have
    been other payments, so only what is certainly too much counts."""
    currency = head.get("currency")
    found = {("unmatched_refund", refund["payment"]) for refund in unmatched}
    for key, payment in payments.items():
        if payment["amount"] is None:
            found.add(("unreadable_amount", key))
        if currency is not None and payment["currency"] is not None and payment["currency"] != currency:
            found.add(("currency_mismatch", key))
    assumed = judged_by(payments, sums, currency)
    for key, of_it in sums.items():
        price = head.get("grand_total") if key == currency and head.get("is_historical") is not True else None
        released = undone if key == assumed else {}
        held = less(held_of(key, of_it, payments, returns, requests, price), *released.values())
        allowance = allowance_of(payments, key)
        is_over = is_more(less(held, price, allowance))
        if is_over:
            found.add(("over_captured", key))
        if not in_part:
            asked = total(each["amount"] for each in requests.values() if (each["currency"] or assumed) == key)
            went_out = less(total((of_it["refunded"], *released.values())), _taken_back(payments, key)) or "0"
            found |= {(kind, key) for kind in _beyond_captures(of_it, asked, went_out, allowance)}
        if not in_part and not is_over:
            found |= {("over_captured", each) for each in _overdrawn(payments, key, allowance, released)}
    taken = taken_back(payments, assumed)
    for key, promise in (*returns.items(), *requests.items()):
        allowance = allowance_of(payments, promise["currency"] or assumed)
        gone = taken.get(key, "0") if (promise["currency"] or assumed) == assumed else "0"
        if promise["refunded"] != "0" and is_more(less("0", promise["refund_outstanding"], gone, allowance)):
            found.add(("refunded_more_than_promised", key))
    return [{"kind": kind, "subject": subject} for kind, subject in sorted(found)]


def _beyond_captures(of_it: dict[str, Any], asked: str, went_out: str, allowance: str) -> Iterator[str]:
    """Refund requests ask for more than is captured and still authorized; or more was refunded and voided again than
    captured. Nothing is known if nothing was captured."""
    captured = of_it["captured"]
    for kind, amount, limit in (
        ("requested_more_than_captured", asked, total((captured, of_it["open_authorization"]))),
        ("refunded_more_than_captured", went_out, captured),
    ):
        if is_more(captured) and is_more(less(amount, limit, allowance)):
            yield kind


def _overdrawn(payments: Payments, currency: str, allowance: str, released: Mapping[str, str]) -> Iterator[str]:
    """The instruments of which more was captured than authorized. None if an authorization lacks its instrument or
    amount: it may be anybody's, or of any amount."""
    promises = [each for each in payments.values() if each["status"] == "authorized"]
    if any(
        each["currency"] in {None, currency} and None in {each["instrument_id"], each["amount"]} for each in promises
    ):
        return
    named = {payment["instrument_id"] for payment in payments.values() if payment["instrument_id"]}
    for instrument in named:
        own = [each for each in payments.values() if each["instrument_id"] == instrument]
        of_it = by_action([each for each in own if each["amount"] and (each["currency"] or "") == currency])
        beyond = less(of_it["captured"], of_it["refunded"], of_it["authorized"], released.get(instrument, "0"))
        if is_more(of_it["authorized"]) and is_more(less(beyond, allowance)):
            yield instrument


def _taken_back(payments: Payments, currency: str) -> str:
    """What was voided of credits that the order issued: refunded, and never authorized. "0" if an authorization lacks
    its instrument or amount."""
    own = [each for each in payments.values() if (each["currency"] or currency) == currency]
    promised = [each for each in own if each["status"] == "authorized"]
    if any(None in {each["instrument_id"], each["amount"]} for each in promised):
        return "0"
    found = []
    for instrument in {each["instrument_id"] for each in own} - {None}:
        of_it = by_action([each for each in own if (each["instrument_id"], each["currency"]) == (instrument, currency)])
        if of_it["authorized"] == "0":
            found.append(min(of_it["refunded"], of_it["voided"], key=Decimal))
    return total(found)
