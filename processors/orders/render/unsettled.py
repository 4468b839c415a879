"""Orders whose money is certainly not settled: the lists of people who go through the books. An order that may be
settled is in none."""

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
    """Yield the lists of an order without unread payments. None for an imported order, whose payments may add up to
    anything, or one with unprocessed events. None if the deployment does not get all events of payments, or gets
    neither order.created nor order.opened: nothing else tells which orders are imported, exchanges or free."""
    is_told = not (rules.untold.payments or rules.untold.head)
    if view.details.get("is_historical") or view.row.unprocessed or not is_told:
        return
    if status == COMPLETED and not rules.untold.pieces and _is_unbalanced(view, settled, rules):
        yield UNBALANCED
    if _owes_refund(view, settled):
        yield REFUND_OUTSTANDING


def _is_unbalanced(view: View, settled: Settled, rules: OrderRules) -> bool:
    """Whether the order took less or more than it costs without what was cancelled, and did not give the excess back.
    What is due may have been paid in another currency, or, in an exchange, by what came back: only the other order
    knows. A voided capture was not taken, unless the money may have been given back for goods or on request."""
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
    """Whether a return or refund request is still owed a known amount above the slack. A refund that somebody set aside
    does not count: an exchange may have settled it."""
    if not (settled.returns or settled.refund_requests):
        return False
    money, slots = settled.money, view.slots
    covered = covered_currencies(view, settled)
    may_be_paid = cache(partial(_may_be_paid, money, covered))  # it goes through all voids
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
    """Whether what is owed in a currency may be paid: it is unknown, its money is all back, or nameless refunds cover
    it."""
    return not currency or money.is_all_back(currency) or currency in covered
