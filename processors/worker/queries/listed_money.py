"""An order's money as lists show it."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from processors.orders.events import REFUND_REQUESTED, REFUNDED, RETURNED
from processors.orders.order_rules import OrderRules
from processors.orders.render.payments import UNKNOWN
from schemas.money import EXACT, NOTHING, ZERO, plain, total_of

_SUMS: Final = ("captured", "refunded", "balance")
_UNREADABLE: Final = "unreadable_amount"
_GIVEN_BACK: Final = "refunded"
_OWING: Final = (RETURNED, REFUND_REQUESTED, REFUNDED)
"""Events that say what is to be given back, and what was. Without one of them nobody knows what is outstanding."""


def listed_money(state: Any, rules: OrderRules) -> dict[str, str | None]:
    """Return `captured`, `refunded` and `balance` of an order's document, and `refund_outstanding` of all its returns
    and refund requests together.

    The first three are None where a payment or an amount cannot be read, or the document has no such sum in the order's
    currency. `refund_outstanding` is None where an amount is not known, order and amounts are of several currencies, or
    the deployment does not get all `_OWING` events. If the order's currency is not known, it is in that of the amounts.
    """
    currency = getattr(state.order, "currency", None)  # `{}` until its list is known
    is_unread = state.payment_status == UNKNOWN or any(each.kind == _UNREADABLE for each in state.attention)
    sums = None if is_unread else state.payment_sums.get(currency)
    promises = chain(state.returns.values(), state.refund_requests.values())
    said = {name: None if sums is None else getattr(sums, name) for name in _SUMS}
    is_told = all(map(rules.expects, _OWING))
    return {**said, "refund_outstanding": _outstanding(promises, currency) if is_told else None}


def refunded_amounts(state: Any) -> dict[str, str]:
    """Return what an order's refunds gave back, by currency (`""` where a refund names none), without amounts that
    cannot be read. The document's `payment_sums` have that only where the deployment gets all payments' events."""
    found = defaultdict[str, list[str]](list)
    for payment in state.payments.values():
        if payment.status == _GIVEN_BACK and payment.amount is not None:
            found[payment.currency or ""].append(payment.amount)
    return {currency: plain(total_of(amounts)) for currency, amounts in sorted(found.items())}


def _outstanding(promises: Iterable[Any], currency: str | None) -> str | None:
    """What is outstanding of all promises together; an overpaid one counts as nothing. None: not known, or in several
    currencies."""
    total, of = ZERO, {currency} - {None}
    for promise in promises:
        amount = promise.refund_outstanding
        if amount is None:
            return None
        if amount != NOTHING and not amount.startswith("-"):  # nothing is the same in any currency
            of.add(promise.currency or currency)
            total = EXACT.add(total, Decimal(amount))
    return plain(total) if len(of) < 2 else None
