"""What lists say of an order's money."""

import pytest
from msgspec.structs import replace

from processors.orders.apply import apply
from processors.orders.fact import Fact
from processors.orders.older_rows import load
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import document
from processors.worker.queries.listed_money import listed_money, refunded_amounts
from tests.unit.processors.orders.facts import EVERYTHING, back, clock, fact, paid, pieces
from tests.unit.processors.orders.test_untold import PAYMENTS, without
from tests.unit.processors.orders.test_untold import REFUNDED as REFUND

OPENED = fact("order.opened", clock(0), currency="EUR", grand_total=100, items=[{"id": "A", "quantity": 1}])
CAPTURED = paid("captured", 1, "c", 80)
RETURNED = back("return-1", 7, pieces("A"), total_refund_amount=60, currency="EUR")
ASKED = fact("refund_request.issued", clock(8), id="ask-1", amount="5.05")
REFUNDED = paid("refunded", 9, "r", 20, correlation_id="return-1")


@pytest.mark.parametrize(
    ("facts", "captured", "refunded", "balance", "outstanding"),
    [
        ([OPENED], None, None, None, "0"),
        ([OPENED, CAPTURED], "80", "0", "20", "0"),
        ([OPENED, CAPTURED, RETURNED, ASKED, REFUNDED], "80", "20", "20", "45.05"),
        (
            [OPENED, CAPTURED, RETURNED, ASKED, paid("refunded", 9, "r", 65, correlation_id="return-1")],
            "80",
            "65",
            "20",
            "5.05",
        ),
        ([OPENED, CAPTURED, paid("refunded", 9, "r", 7, currency="USD")], "80", "0", "20", "0"),
        ([OPENED, CAPTURED, back("r-2", 7, total_refund_amount=9, currency="USD")], "80", "0", "20", None),
        ([OPENED, CAPTURED, back("r-2", 7, total_refund_amount=0, currency="USD")], "80", "0", "20", "0"),
        ([OPENED, CAPTURED, back("r-2", 7)], "80", "0", "20", None),
        ([OPENED, CAPTURED, paid("captured", 2, "d", "much")], None, None, None, "0"),
        ([OPENED, paid("captured", 2, "d", 5, currency="USD")], None, None, None, "0"),
        ([CAPTURED], None, None, None, "0"),
    ],
)
def test_sums_are_those_of_the_orders_currency_and_nothing_where_they_are_not_known(
    facts: list[Fact], captured: str | None, refunded: str | None, balance: str | None, outstanding: str | None
) -> None:
    state = document(load(apply(None, facts, EVERYTHING).row), EVERYTHING)
    said = {"captured": captured, "refunded": refunded, "balance": balance, "refund_outstanding": outstanding}
    assert listed_money(state, EVERYTHING) == said


@pytest.mark.parametrize(
    ("promises", "outstanding"),
    [
        ([RETURNED], "60"),
        ([RETURNED, REFUNDED], "40"),
        ([RETURNED, back("r-2", 8, total_refund_amount=9, currency="EUR")], "69"),
        ([RETURNED, back("r-2", 8, total_refund_amount=9, currency="USD")], None),
        ([RETURNED, back("r-2", 8, total_refund_amount=0, currency="USD")], "60"),
        ([RETURNED, ASKED], None),
        ([ASKED], "5.05"),
    ],
)
def test_where_the_orders_currency_is_not_known_what_is_outstanding_is_told_if_it_is_all_of_one(
    promises: list[Fact], outstanding: str | None
) -> None:
    state = document(load(apply(None, promises, EVERYTHING).row), EVERYTHING)
    assert listed_money(state, EVERYTHING)["refund_outstanding"] == outstanding


def test_sums_of_payments_that_are_known_in_part_are_no_sums() -> None:
    """A row of an older version knows that there were payments, not what they say."""
    state = document(load(apply(None, [OPENED, CAPTURED], EVERYTHING).row), EVERYTHING)
    said = listed_money(replace(state, payment_status="unknown"), EVERYTHING)
    assert {said[name] for name in ("captured", "refunded", "balance")} == {None}


@pytest.mark.parametrize("left_out", [*PAYMENTS, "return.processed", "refund_request.issued"])
def test_what_is_outstanding_is_told_where_returns_requests_and_refunds_would_come(left_out: str) -> None:
    """Other payments take nothing off it. Without them, only sums are not known."""
    rules = without(left_out)
    heard = [each for each in (OPENED, CAPTURED, RETURNED, ASKED, REFUNDED) if each.event != left_out]
    said = listed_money(document(load(apply(None, heard, rules).row), rules), rules)
    is_told = left_out in PAYMENTS and left_out != REFUND
    assert said["refund_outstanding"] == ("45.05" if is_told else None)
    assert (said["captured"] is None) == (left_out in PAYMENTS)
    of_none = listed_money(document(load(apply(None, [OPENED], rules).row), rules), rules)
    assert of_none["refund_outstanding"] == ("0" if is_told else None)


@pytest.mark.parametrize("rules", [EVERYTHING, without("payment_account.amount_voided")])
def test_refunds_that_came_are_told_by_currency_whichever_other_payments_do_not_come(rules: OrderRules) -> None:
    facts = [
        *(REFUNDED, paid("refunded", 8, "s", "2.5"), paid("refunded", 8, "t", "much"), CAPTURED),
        *(paid("refunded", 8, "u", 7, currency="USD"), paid("refunded", 8, "v", 1, currency=None)),
    ]
    state = document(load(apply(None, facts, rules).row), rules)
    assert refunded_amounts(state) == {"": "1", "EUR": "22.5", "USD": "7"}
