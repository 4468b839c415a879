"""What lists say of an order's money: in its own currency, null where that is not known."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from processors.orders.render.payments import UNKNOWN
from schemas.money import EXACT, ZERO, plain

_SUMS: Final = ("captured", "refunded", "balance")
_UNREADABLE: Final = "unreadable_amount"


def listed_money(state: Any) -> dict[str, str | None]:
    """Return `captured`, `refunded` and `balance` of an order's document, and `refund_outstanding` of all its returns
    and refund requests. No sum is where some payment, or its amount, cannot be read, or nothing was paid in that
    currency."""
    currency = getattr(state.order, "currency", None)  # `{}` until its list is known
    is_unread = state.payment_status == UNKNOWN or any(each.kind == _UNREADABLE for each in state.attention)
    sums = None if is_unread else state.payment_sums.get(currency)
    promises = chain(state.returns.values(), state.refund_requests.values())
    own = (each.refund_outstanding for each in promises if each.currency in {None, currency})
    said = {name: None if sums is None else getattr(sums, name) for name in _SUMS}
    return {**said, "refund_outstanding": _total(own)}


def _total(amounts: Iterable[str | None]) -> str | None:
    total = ZERO
    for amount in amounts:
        if amount is None:
            return None
        total = EXACT.add(total, Decimal(amount))
    return plain(total)
