"""The payment status: the first row that holds, in the order's currency."""

from decimal import Decimal

import pytest

from tests.unit.processors.orders.facts import clock, fact, in_any_order, items, paid, payment, state_of

OPENED = fact("order.opened", clock(1), items=items("A", quantity=1), currency="EUR", grand_total=50)
ENDED = {
    "completed": fact("order.completed", clock(8), items=items("A", status="complete")),
    "cancelled": fact("order.cancelled", clock(8), items=items("A")),
}


@pytest.mark.parametrize("end", ["none", "completed", "cancelled"])
@pytest.mark.parametrize(
    ("authorized", "captured", "voided", "refunded", "status"),
    [
        (0, 0, 0, 0, "none"),
        (50, 50, 0, 50, "refunded"),
        (0.02, 0.01, 0, 0.01, "refunded"),
        (50, 30, 20, 30, "refunded"),
        (0, 50, 0, 60.01, "refunded"),
        (50, 50, 0, 0.01, "partially_refunded"),
        (50, 50, 0, 49.99, "partially_refunded"),
        (0.3, 0.3, 0, 0.2999999999999999, "refunded"),
        (50, 50, 0, 49.995, "refunded"),
        (50, 50, 0, 49.994, "partially_refunded"),
        (50, 50, 60, 20, "partially_refunded"),
        (50, 0, 0, 20, "partially_refunded"),
        (50, 0, 50, 50, "partially_refunded"),
        (0, 0, 0, 20, "partially_refunded"),
        (50, 50, 0, 0, "captured"),
        (50, 60, 0, 0, "captured"),
        (0.30000000000000004, 0.3, 0, 0, "captured"),
        (50, 30, 20, 0, "captured"),
        (50, 30, 60, 0, "captured"),
        (0, 50, 0, 0, "captured"),
        (0.01, 0.01, 0, 0, "captured"),
        (50, 0, 50, 0, "voided"),
        (0.01, 0, 0.01, 0, "voided"),
        (50, 0, 50.01, 0, "voided"),
        (0.30000000000000004, 0, 0.3, 0, "voided"),
        (50, 0, 0, 0, "authorized"),
        (0.01, 0, 0, 0, "authorized"),
        (0.004, 0, 0, 0, "authorized"),
        (50, 0, 49.99, 0, "authorized"),
        (0, 0, 0.01, 0, "voided"),
    ],
)
def test_the_sums_decide_whatever_became_of_the_order(
    authorized: float, captured: float, voided: float, refunded: float, status: str, end: str
) -> None:
    sums = {"authorized": authorized, "captured": captured, "voided": voided, "refunded": refunded}
    payments = [paid(action, 2, f"{action}-1", amount) for action, amount in sums.items() if amount]
    state = in_any_order(OPENED, *payments, *([ENDED[end]] if end in ENDED else []))
    assert state["payment_status"] == status


@pytest.mark.parametrize(("captured", "voided"), [(30, 0), (30, 19.99), (0.01, 0)])
@pytest.mark.parametrize(
    ("end", "status"), [("none", "partially_captured"), ("completed", "captured"), ("cancelled", "captured")]
)
def test_what_is_left_of_an_authorisation_is_nothing_to_wait_for_once_the_order_is_over(
    captured: float, voided: float, end: str, status: str
) -> None:
    facts = [OPENED, paid("authorized", 2, "a", 50), paid("captured", 3, "c", captured)]
    facts += [paid("voided", 4, "v", voided)] if voided else []
    assert in_any_order(*facts, *([ENDED[end]] if end in ENDED else []))["payment_status"] == status


def test_a_new_authorisation_makes_a_captured_order_a_partially_captured_one() -> None:
    facts = [OPENED, paid("authorized", 2, "a", 50), paid("captured", 3, "c", 50)]
    assert state_of(*facts)["payment_status"] == "captured"
    assert in_any_order(*facts, paid("authorized", 4, "b", 10))["payment_status"] == "partially_captured"


@pytest.mark.parametrize(("currency", "noise", "more"), [("JPY", "0.5", "0.51"), ("KWD", "0.0005", "0.00051")])
def test_noise_is_less_than_the_least_that_can_be_owed(currency: str, noise: str, more: str) -> None:
    for left, status in ((noise, "refunded"), (more, "partially_refunded")):
        back = paid("refunded", 4, "r", str(Decimal(50) - Decimal(left)), currency=currency)
        facts = [paid("captured", 3, "c", 50, currency=currency, method="cash"), back]  # cash is rounded by more
        assert in_any_order(*facts)["payment_status"] == status


def test_the_status_tells_nothing_of_grand_total() -> None:
    """Cash is rounded, and imported payments were never compared with it."""
    facts = [paid("authorized", 2, "a", 12.35), paid("captured", 3, "c", 12.35)]
    for total in (12.33, 0, 100, None):
        opened = fact("order.opened", clock(1), currency="EUR", grand_total=total)
        assert state_of(opened, *facts)["payment_status"] == "captured"


def test_money_in_another_currency_does_not_make_the_status() -> None:
    facts = [OPENED, paid("authorized", 2, "a", 50), paid("refunded", 3, "r", 90, currency="USD")]
    assert in_any_order(*facts)["payment_status"] == "authorized"


@pytest.mark.parametrize(
    ("order", "payments", "status", "balances"),
    [
        ("USD", [("authorized", "EUR"), ("captured", "EUR")], "captured", {"EUR": None}),
        ("USD", [("authorized", "EUR"), ("captured", "GBP")], "authorized", {"EUR": None, "GBP": None}),
        ("USD", [("authorized", "EUR"), ("captured", "USD")], "captured", {"EUR": None, "USD": "0"}),
        ("EUR", [("authorized", "EUR"), ("captured", "AUD")], "authorized", {"AUD": None, "EUR": "50"}),
        ("EUR", [("authorized", "EUR"), ("captured", None)], "authorized", {"": None, "EUR": None}),
        ("USD", [("authorized", "EUR"), ("captured", None)], "captured", {"": None, "EUR": None}),
    ],
)
def test_the_orders_currency_counts_if_anything_was_paid_in_it_else_the_first_by_name(
    order: str, payments: list[tuple[str, str | None]], status: str, balances: dict[str, str | None]
) -> None:
    opened = fact("order.opened", clock(1), currency=order, grand_total=50)
    state = in_any_order(opened, *(paid(action, 2, action, 50, currency=currency) for action, currency in payments))
    assert state["payment_status"] == status
    assert {currency: sums["balance"] for currency, sums in state["payment_sums"].items()} == balances


def test_without_the_orders_currency_the_only_one_counts_or_the_first_by_name() -> None:
    dollars = [paid("authorized", 2, "a", 50, currency="USD"), paid("captured", 3, "c", 50, currency="USD")]
    assert in_any_order(*dollars)["payment_status"] == "captured"
    assert in_any_order(*dollars, paid("authorized", 2, "e", 50, currency="EUR"))["payment_status"] == "authorized"


@pytest.mark.parametrize("action", ["authorized", "voided"])
def test_what_names_no_currency_is_none_that_counts_beside_one_that_is_named(action: str) -> None:
    facts = [paid("captured", 2, "c", 20, currency="EUR"), paid(action, 3, "n", 5, currency=None)]
    assert in_any_order(*facts)["payment_status"] == "captured"
    assert in_any_order(fact("order.created", clock(1)), *facts)["payment_status"] == "captured"


def test_a_payment_without_a_currency_counts_where_there_is_no_other() -> None:
    state = in_any_order(paid("authorized", 2, "a", 50, currency=None), paid("captured", 3, "c", 20, currency=None))
    assert state["payment_status"] == "partially_captured"
    assert (state["payment_sums"][""]["authorized"], state["payment_sums"][""]["captured"]) == ("50", "20")


def test_an_even_exchange_has_no_payments_and_owes_none() -> None:
    opened = fact(
        "order.opened",
        clock(1),
        items=items("A", quantity=1),
        is_exchange=True,
        exchanges=[{"order_id": "order-0", "return_id": "return-0"}],
    )
    state = in_any_order(opened, ENDED["completed"])
    assert (state["payment_status"], state["order"]["is_exchange"], state["attention"]) == ("none", True, [])


def test_transactions_without_a_readable_amount_leave_the_status_unknown() -> None:
    assert in_any_order(OPENED, paid("captured", 3, "c", "much"))["payment_status"] == "unknown"


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        (["authorized", "captured"], "captured"),
        (["captured"], "captured"),
        (["authorized"], "authorized"),
        (["authorized", "voided"], "authorized"),
        (["voided"], "unknown"),
        (["refunded"], "unknown"),
    ],
)
def test_a_free_order_is_paid_by_nothing(actions: list[str], status: str) -> None:
    facts = [paid(action, n, action, 0) for n, action in enumerate(actions)]
    assert in_any_order(OPENED, *facts)["payment_status"] == status
    assert in_any_order(OPENED, *facts, paid("captured", 9, "c", "much"))["payment_status"] == "unknown"


def test_an_event_without_transactions_is_a_payment_of_which_nothing_is_known() -> None:
    state = in_any_order(OPENED, payment("captured", 3))
    assert (state["payment_status"], len(state["payments"])) == ("unknown", 1)
