"""What a return or a refund request promised, and how much of it went out."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from schemas.money import EXACT, plain
from schemas.order_state import OrderState, RefundRequest, Return


class RefundSums(NamedTuple):
    """Exact amounts; None: not known."""

    promised: str | None
    refunded: str | None
    outstanding: str | None


def unread_refunds(state: OrderState) -> Collection[str | None]:
    """Return what the refunds with an unreadable amount are for."""
    refunds = (payment for payment in state.payments.values() if payment.status == "refunded")
    return {payment.correlation_id for payment in refunds if payment.amount is None}


def settled_by(done: Return) -> Sequence[str]:
    """Return the orders in exchange for a return. Only the answer about one order names them, and only if all workers
    could be asked."""
    return (done.model_extra or {}).get("settled_by_exchange") or ()


def refund_sums(of: Return | RefundRequest, *, is_known: bool) -> RefundSums:
    """Return what was promised, what of it went out, and what did not. The last two are unknown if an amount that went
    out cannot be read (`is_known` is false)."""
    refunded, outstanding = of.refunded, of.refund_outstanding
    if refunded is None or outstanding is None:
        return RefundSums(None, refunded if is_known else None, None)
    promised = plain(EXACT.add(Decimal(refunded), Decimal(outstanding)))
    return RefundSums(promised, refunded, outstanding) if is_known else RefundSums(promised, None, None)
