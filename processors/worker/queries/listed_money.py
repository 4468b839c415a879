"""What lists say of an order's money: in its own currency, null where that is not known."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from processors.orders.render.payments import UNKNOWN
from schemas.money import EXACT, NOTHING, ZERO, plain

_SUMS: Final = ("captured", "refunded", "balance")
_UNREADABLE: Final = "unreadable_amount"


def listed_money(state: Any) -> dict[str, str | None]:
    """Return `captured`, `refunded` and `balance` of an order's document, and `refund_outstanding` of all its returns
    and refund requests, which is in the currency of all of them where the order's is not known. No sum is where some
    payment, or its amount, cannot be read, or nothing was paid in that currency, or not all is outstanding in it."""
    currency = getattr(state.order, "currency", None)  # `{}` until its list is known
    is_unread = state.payment_status == UNKNOWN or any(each.kind == _UNREADABLE for each in state.attention)
    sums = None if is_unread else state.payment_sums.get(currency)
    promises = chain(state.returns.values(), state.refund_requests.values())
    said = {name: None if sums is None else getattr(sums, name) for name in _SUMS}
    return {**said, "refund_outstanding": _outstanding(promises, currency)}


def _outstanding(promises: Iterable[Any], currency: str | None) -> str | None:
    """What is owed of all promises together, to which what one got too much is nothing; None: nobody knows, or it is of
    several currencies."""
    total, of = ZERO, {currency} - {None}
    for promise in promises:
        amount = promise.refund_outstanding
        if amount is None:
            return None
        if amount != NOTHING and not amount.startswith("-"):  # nothing is the same in any currency
            of.add(promise.currency or currency)
            total = EXACT.add(total, Decimal(amount))
    return plain(total) if len(of) < 2 else None
