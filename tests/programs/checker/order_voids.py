"""Captures that were voided again, without a refund (docs/order-state.md)."""

from decimal import Decimal
from typing import Any

from tests.programs.checker.order_kept import given_again, held_of
from tests.programs.checker.order_money import Payments, allowance_of, are_alike
from tests.programs.checker.values import less, total


def let_go(state: dict[str, Any], currency: str, *, all_off: bool) -> dict[str, str]:
    """By instrument how much of its captures in a currency was voided again. In an exchange that goes on, a void may
    only drop the rest of a credit. There voids count only if exactly the price is left of the captures, or was before
    refund requests were paid."""
    undone, head = _undone(state["payments"], currency), state["order"]
    if head.get("is_exchange") is not True or all_off or currency not in state["payment_sums"]:
        return undone
    price = (head["current_total"] or head["grand_total"]) if currency == head["currency"] else None
    sums, requests = state["payment_sums"][currency], state["refund_requests"]
    held = held_of(currency, sums, state["payments"], state["returns"], requests, price)
    favours = favours_of(state, currency)
    allowance = allowance_of(state["payments"], currency)
    lefts = (less(held, *undone.values()), less(total((held, *favours)), *undone.values()))
    return undone if any(are_alike(left, price, allowance) for left in lefts) else {}


def favours_of(state: dict[str, Any], currency: str) -> list[str]:
    """What each refund request got in a currency, without what replaced a voided credit."""
    favours = state["refund_requests"]
    requests = {key: each for key, each in favours.items() if (each["currency"] or currency) == currency}
    again = given_again(state["payments"], currency, state["returns"], requests)
    return [less(each["refunded"], again.get(key, "0")) or "0" for key, each in requests.items()]


def _undone(payments: Payments, currency: str) -> dict[str, str]:
    """A void first takes back what was not captured yet, so the authorizations have to be known."""
    own = [each for each in payments.values() if (each["currency"] or currency) == currency]
    promises = [each for each in own if each["status"] == "authorized"]
    if any(None in {each["instrument_id"], each["amount"]} for each in promises):
        return {}
    named = [each for each in own if each["instrument_id"] and each["currency"] == currency]
    return {instrument: _let_go(named, instrument) for instrument in {each["instrument_id"] for each in named}}


def _let_go(payments: list[dict[str, Any]], instrument: str) -> str:
    """`payments`: in canonical order, because a void does not take back what is captured only after it."""
    promised, unused, taken, undone = "0", "0", "0", "0"
    for each in payments:
        amount, action = each["amount"], each["status"]
        if each["instrument_id"] != instrument or amount is None:
            continue
        if action == "authorized":
            promised, unused = total((promised, amount)), total((unused, amount))
        elif action == "captured":
            taken, unused = total((taken, amount)), less(unused, amount) or "0"
        elif action == "voided":
            rest = max(less(amount, max(unused, "0", key=_number)), "0", key=_number)
            of_taken = min(rest, less(taken, undone), key=_number)
            undone, unused = total((undone, of_taken)), total((less(unused, amount), of_taken))
    return "0" if promised == "0" else undone


def _number(amount: str | None) -> Decimal:
    return Decimal(amount or 0)


def is_only_given_back(payments: Payments) -> bool:
    """Whether no money came in: there are only refunds, and voids of credits that these issued."""
    given = {each["instrument_id"] for each in payments.values() if each["status"] == "refunded"} - {None}
    others = [each for each in payments.values() if each["status"] != "refunded"]
    return all(each["status"] == "voided" and each["instrument_id"] in given for each in others)
