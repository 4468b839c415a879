"""Which sums are not known: an amount that cannot be read is in none of them, and older documents have no sums."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from schemas.money import EXACT, plain
from schemas.order_state import OrderState, Payment, PaymentSums


def has_sums(state: OrderState) -> bool:
    """Say whether fulfilment and payment status are more than the constants that documents without sums have."""
    return "payment_sums" in state.model_fields_set


def sum_of(state: OrderState, currency: str, action: str) -> str | None:
    """Return a sum of the payments in a currency, None if some of its amounts cannot be read."""
    sums = state.payment_sums[currency]
    return None if action in _unread(_unreadable(state, currency)) else getattr(sums, action)


def method_sum(state: OrderState, currency: str, method: str, action: str) -> str | None:
    """Return a sum of the payments in a currency by one method, None if some of its amounts cannot be read."""
    sums = state.payment_sums[currency].by_method[method]
    unread = (payment for payment in _unreadable(state, currency) if payment.payment_method in {None, method})
    return None if action in _unread(unread) else getattr(sums, action)


def derived(state: OrderState, currency: str, sums: PaymentSums) -> dict[str, str | None]:
    """Return what is computed from the sums, each None where one of them is not known."""
    unread = _unread(_unreadable(state, currency))
    left = _without_cancelled(state, currency, sums)
    return {
        "open authorization": None if unread & {"authorized", "captured", "voided"} else sums.open_authorization,
        "net (captured - refunded)": None if unread & {"captured", "refunded"} else sums.net,
        "balance (due if above 0)": None if "captured" in unread else sums.balance,
        **({} if left is None or "captured" in unread else {"balance without cancelled items": left}),
    }


def _without_cancelled(state: OrderState, currency: str, sums: PaymentSums) -> str | None:
    """What is due of the rest of an order some of whose items were cancelled; None: nothing was, or it is not known."""
    order = state.order
    if sums.balance is None or order.current_total in {None, order.grand_total} or order.currency != currency:
        return None
    return plain(EXACT.subtract(Decimal(order.current_total or 0), Decimal(sums.captured)))


def _unreadable(state: OrderState, currency: str) -> Iterator[Payment]:
    """Yield the payments without an amount that may be in a currency."""
    for payment in state.payments.values():
        if payment.amount is None and (payment.currency or currency) == currency:
            yield payment


def _unread(payments: Iterable[Payment]) -> set[str]:
    return {payment.status for payment in payments}
