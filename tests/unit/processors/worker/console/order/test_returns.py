"""Which lines of what came back ask for money still."""

import pytest

from processors.worker.console.order.returns import refunds_of
from tests.unit.commands.order.orders import order
from tests.unit.processors.orders.facts import back, fact, items, paid, pieces


@pytest.mark.parametrize(
    ("refunded", "outstanding", "is_open"),
    [(4, "6", True), (10, "0", False), (15, "-5", False)],
    ids=["in part", "all", "more than was promised"],
)
def test_a_return_is_open_while_money_is_owed_for_it(refunded: int, outstanding: str, is_open: bool) -> None:
    """One that was overpaid stood there like a debt."""
    facts = [
        fact("order.opened", items=items("A"), currency="EUR", grand_total=30),
        paid("captured", 1, "c", 30),
        back("R", 2, pieces("A"), total_refund_amount=10, return_fee=0, currency="EUR"),
        paid("refunded", 3, "r", refunded, correlation_id="R"),
    ]
    (line,) = refunds_of(order(*facts))
    assert (line.outstanding, line.is_open) == (outstanding, is_open)
