"""What of an order's money is not settled, as far as its own facts are certain of it: the lists of those who go through
the books. An order that may be in order is rather in none."""

from collections.abc import Container, Iterator
from functools import cache, partial, reduce

from processors.orders.order_rules import OrderRules
from processors.orders.render.acknowledged import is_acknowledged
from processors.orders.render.payments import Money
from processors.orders.render.settling import Settled
from processors.orders.render.upcoming import (
    covered_currencies,
    is_rounded,
    owed_requests,
    owed_returns,
    refund_of,
)
from processors.orders.render.view import View
from processors.orders.standing import COMPLETED, REFUND_OUTSTANDING, UNBALANCED
from schemas.money import EXACT


def unsettled(view: View, status: str, settled: Settled, rules: OrderRules) -> Iterator[str]:
    """Yield the lists of an order whose payments are all known, as far as they came. None of an imported one, whose
    payments may add up to anything, nor where a payment failed to be processed, or is of a name that the deployment
    does not get, or nothing tells it which orders are imported, exchanges or free."""
    is_told = not (rules.untold.payments or rules.untold.head)
    if view.details.get("is_historical") or view.row.unprocessed or not is_told:
        return
    if status == COMPLETED and not rules.untold.pieces and _is_unbalanced(view, settled, rules):
        yield UNBALANCED
    if _owes_refund(view, settled):
        yield REFUND_OUTSTANDING


def _is_unbalanced(view: View, settled: Settled, rules: OrderRules) -> bool:
    """Whether an order took less or more than it costs without what was cancelled, and did not give that back. What is
    due may have been paid in another currency, or of an exchange by what came back: only the other order knows. What
    was voided again was not taken, unless it may have been given back for goods or on request."""
    money, cancelled = settled.money, settled.cancelled
    balance = cancelled.balance(money)
    if balance is None:
        return False
    if rules.untold.explains_refunds and not (view.slots.returns or view.slots.refund_requests):
        balance = reduce(EXACT.add, money.voided_captures.values(), balance)
    if balance > money.slack(money.currency or ""):
        is_exchange = view.details.get("is_exchange") or view.details.get("exchanges")
        return len(money.sums) == 1 and not is_exchange
    return cancelled.is_overpaid(money)


def _owes_refund(view: View, settled: Settled) -> bool:
    """Whether a return or refund request still gets an amount that is known, and more than rounding leaves. Not one
    whose refund somebody set aside: an exchange may have settled it."""
    if not (settled.returns or settled.refund_requests):
        return False
    money, slots = settled.money, view.slots
    covered = covered_currencies(view, settled)
    may_be_paid = cache(partial(_may_be_paid, money, covered))  # it goes through all that was voided
    promises = (
        *((*each, slots.returns) for each in owed_returns(view, settled)),
        *((*each, slots.refund_requests) for each in owed_requests(settled)),
    )
    return any(
        not is_rounded(said, money)
        and not may_be_paid(said.currency or money.currency)
        and not (view.row.acknowledged and is_acknowledged(view.row, refund_of(key, of[key][0])))
        for key, said, of in promises
    )


def _may_be_paid(money: Money, covered: Container[str], currency: str | None) -> bool:
    """Whether nobody knows what is owed in it, all money in it is back, or refunds that name nothing are as much."""
    return not currency or money.is_all_back(currency) or currency in covered
