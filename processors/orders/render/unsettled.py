"""What of an order's money is not settled, as far as its own facts are certain of it: the lists of those who go through
the books. An order that may be in order is rather in none."""

from collections.abc import Iterator

from processors.orders.events import PAYMENT_ACTION, REFUNDED
from processors.orders.order_rules import OrderRules
from processors.orders.render.settling import Settled
from processors.orders.render.upcoming import Outcome, is_rounded, owed_requests, owed_returns
from processors.orders.render.view import View
from processors.orders.standing import COMPLETED, REFUND_OUTSTANDING, UNBALANCED


def unsettled(view: View, status: str, settled: Settled, rules: OrderRules) -> Iterator[str]:
    """Yield the lists of an order whose payments are all known, as far as they came. None of an imported one, whose
    payments may add up to anything, nor where a payment failed to be processed, or is of a name that the deployment
    does not get."""
    if view.details.get("is_historical") or view.row.unprocessed or not rules.expects(REFUNDED):
        return
    if status == COMPLETED and _is_unbalanced(view, settled) and all(map(rules.expects, PAYMENT_ACTION)):
        yield UNBALANCED
    if _owes_refund(view, Outcome.of(status, settled, is_told=True)):
        yield REFUND_OUTSTANDING


def _is_unbalanced(view: View, settled: Settled) -> bool:
    """Whether an order took less or more than it costs without what was cancelled, and did not give that back. What is
    due may have been paid in another currency, or of an exchange by what came back: only the other order knows."""
    money, cancelled = settled.money, settled.cancelled
    balance = cancelled.balance(money)
    if balance is None:
        return False
    if balance > money.slack(money.currency or ""):
        is_exchange = view.details.get("is_exchange") or view.details.get("exchanges")
        return len(money.sums) == 1 and not is_exchange
    return cancelled.is_overpaid(money)


def _owes_refund(view: View, outcome: Outcome) -> bool:
    """Whether a return or refund request still gets an amount that is known, and more than rounding leaves."""
    money = outcome.money
    return any(
        not is_rounded(said, money) and (said.currency or money.currency)
        for owed in (owed_returns(view, outcome), owed_requests(view, outcome))
        for _, said in owed
    )
