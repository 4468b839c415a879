"""What was taken from an instrument and let go again, without a refund; written once more from docs/order-state.md."""

from decimal import Decimal
from typing import Any

from tests.programs.checker.order_money import Payments
from tests.programs.checker.values import less, total


def let_go(payments: Payments, currency: str, head: dict[str, Any], *, all_off: bool) -> dict[str, str]:
    """By instrument, captures of a currency that voids undid. A void first lets go of what was not captured yet, so the
    authorizations have to be known. An exchange that goes on only has no use for the rest of a credit."""
    if head.get("is_exchange") is True and not all_off:
        return {}
    own = [each for each in payments.values() if (each["currency"] or currency) == currency]
    promises = [each for each in own if each["status"] == "authorized"]
    if any(None in {each["instrument_id"], each["amount"]} for each in promises):
        return {}
    named = [each for each in own if each["instrument_id"] and each["currency"] == currency]
    return {instrument: _let_go(named, instrument) for instrument in {each["instrument_id"] for each in named}}


def _let_go(payments: list[dict[str, Any]], instrument: str) -> str:
    authorized, captured, voided = (
        total(each["amount"] for each in payments if (each["instrument_id"], each["status"]) == (instrument, action))
        for action in ("authorized", "captured", "voided")
    )
    unused = max(less(authorized, captured), "0", key=_number)
    undone = max(less(voided, unused), "0", key=_number)
    return "0" if authorized == "0" else min(undone or "0", captured, key=_number)


def _number(amount: str | None) -> Decimal:
    return Decimal(amount or 0)
