"""Which sums are not known: those with an amount that cannot be read, and all of older documents."""

from collections import defaultdict
from decimal import Decimal
from functools import reduce

from schemas.money import EXACT, ZERO, plain
from schemas.order_state import OrderState, PaymentSums


def has_sums(state: OrderState) -> bool:
    """Say whether fulfilment and payment status mean anything: documents without sums have constants there."""
    return "payment_sums" in state.model_fields_set


class KnownSums:
    """Sums of an order's payments; a sum is None if one of its amounts cannot be read. Payments are gone through once:
    there may be thousands, each in a currency of its own."""

    def __init__(self, state: OrderState) -> None:
        self._state = state
        self._unread: defaultdict[str, set[str]] = defaultdict(set)
        self._unread_by: defaultdict[tuple[str, str | None], set[str]] = defaultdict(set)
        for payment in state.payments.values():
            if payment.amount is None:
                self._unread[payment.currency or ""].add(payment.status)
                self._unread_by[payment.currency or "", payment.payment_method].add(payment.status)

    def of(self, currency: str, action: str) -> str | None:
        """Return the sum of an action in a currency."""
        return None if action in self._unread_in(currency) else getattr(self._state.payment_sums[currency], action)

    def of_method(self, currency: str, method: str, action: str) -> str | None:
        """Return the sum of an action in a currency by one method."""
        of = ((each, by) for each in ("", currency) for by in (None, method))
        is_unread = any(action in self._unread_by[each] for each in of if each in self._unread_by)
        return None if is_unread else getattr(self._state.payment_sums[currency].by_method[method], action)

    def derived(self, currency: str) -> dict[str, str | None]:
        """Return what is computed from a currency's sums; None: one of these is not known."""
        sums, unread = self._state.payment_sums[currency], self._unread_in(currency)
        net = None if unread & {"captured", "refunded"} else sums.net
        left = _without_cancelled(self._state, currency, sums, net)
        return {
            "open authorization": None if unread & {"authorized", "captured", "voided"} else sums.open_authorization,
            "net (captured - refunded)": net,
            "balance (due if above 0)": None if "captured" in unread else sums.balance,
            **({} if left is None or "captured" in unread else {"balance without cancelled items": left}),
        }

    def _unread_in(self, currency: str) -> set[str]:
        """The actions with unread amounts that may be in a currency: a payment that names none may be in any."""
        return self._unread.get("", set()) | self._unread.get(currency, set())


def _without_cancelled(state: OrderState, currency: str, sums: PaymentSums, net: str | None) -> str | None:
    """What is due of the rest of an order with cancelled items. None: nothing was cancelled, it is not known, or the
    excess is back already, and would seem owed once more. `net` is None if not all captures and refunds are known."""
    order = state.order
    if sums.balance is None or order.current_total in {None, order.grand_total} or order.currency != currency:
        return None
    left = EXACT.subtract(Decimal(order.current_total or 0), Decimal(sums.captured))
    if left < 0 and net is not None and _refunded_without_return(state, currency) >= -left:
        return None
    return plain(left)


def _refunded_without_return(state: OrderState, currency: str) -> Decimal:
    """What was refunded, but not for a return: a return's refund says which return it is for."""
    found = (each for each in state.payments.values() if each.status == "refunded" and each.currency == currency)
    amounts = (Decimal(each.amount or 0) for each in found if each.correlation_id not in state.returns)
    return reduce(EXACT.add, amounts, ZERO)
