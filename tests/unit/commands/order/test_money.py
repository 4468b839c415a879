"""Money by currency and method: exact, and never 0 for what is not known."""

from schemas.order_state import OrderState
from tests.unit.commands.order.orders import document, order, printed, section, shipped_and_paid
from tests.unit.processors.orders.facts import fact, items, paid


def test_every_sum_of_a_currency() -> None:
    text = printed(OrderState.model_validate(document("partial_captures")))
    assert section(text, "Money: EUR by credit_card") == [
        "grand total 300.00",
        "authorized 300.00",
        "captured 220.05",
        "voided 0.00",
        "refunded 0.00",
        "open authorization 79.95",
        "net (captured - refunded) 220.05",
        "balance (due if above 0) 79.95",
    ]


def test_several_methods_are_told_apart() -> None:
    text = printed(OrderState.model_validate(document("cash_and_gift_card")))
    assert section(text, "Money: USD by method") == [
        "method authorized captured voided refunded",
        "cash 195.83 195.83 0 32.52",
        "gift_card 50.00 50.00 0 50.00",
    ]


def test_currencies_never_mix() -> None:
    text = printed(OrderState.model_validate(document("mixed_currencies")))
    dollars = section(text, "Money: USD by gift_card")
    assert dollars[0] == "grand total -"
    assert dollars[-1] == "balance (due if above 0) -"
    assert "refunded 20" in dollars
    assert "refunded 0" in section(text, "Money: EUR by credit_card")


def test_before_a_payment_only_the_total_is_known() -> None:
    text = printed(order(fact("order.created", items=items("A"), currency="EUR", grand_total="70.4")))
    assert section(text, "Money: EUR") == ["grand total 70.40"]


def test_of_an_order_without_a_total_and_a_payment_nothing_is_said() -> None:
    assert "Money" not in printed(order(fact("order.created", items=items("A"))))


def test_an_amount_that_cannot_be_read_is_in_no_sum_that_is_shown() -> None:
    text = printed(
        order(*shipped_and_paid(), paid("captured", 7, "t3", "much", method="cash"), paid("voided", 8, "t4", 1))
    )
    assert section(text, "Money: EUR by credit_card") == [
        "grand total 58",
        "authorized 58",
        "captured -",
        "voided 1",
        "refunded 0",
        "open authorization -",
        "net (captured - refunded) -",
        "balance (due if above 0) -",
    ]


def test_it_is_missing_from_its_own_method_only() -> None:
    cash = [paid("captured", 7, "t3", "much", method="cash"), paid("authorized", 8, "t4", 1, method="cash")]
    text = printed(order(*shipped_and_paid(), *cash))
    assert section(text, "Money: EUR by method")[1:] == ["cash 1 - 0 0", "credit_card 58 58 0 0"]


def test_sums_of_an_order_that_is_not_whole_are_so_far() -> None:
    text = printed(order(*shipped_and_paid(opened=False)))
    assert "captured 58" in section(text, "Money so far: EUR by credit_card")


def test_payments_without_a_currency_are_apart() -> None:
    text = printed(order(*shipped_and_paid(), paid("refunded", 7, "t3", 5, currency=None)))
    assert "refunded 5" in section(text, "Money: unknown currency by credit_card")


def test_what_is_left_after_a_cancellation_is_told_beside_the_total() -> None:
    state = document(shipped_and_paid())
    state["order"]["current_total"] = "40.5"
    lines = section(printed(OrderState.model_validate(state)), "Money: EUR")
    assert lines[:2] == ["grand total 58.00", "without cancelled items 40.50"]


def test_sixty_digits_are_sixty_digits() -> None:
    amount = f"{'1' * 30}.{'2' * 29}1"
    text = printed(order(*shipped_and_paid(total=amount)))
    assert f"captured {amount}" in section(text, "Money: EUR by credit_card")
