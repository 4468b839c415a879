"""Which payments must come next: what was sent is paid, and what is owed goes back."""

import pytest

from tests.unit.processors.orders.facts import Json, attention, back, clock, fact, items, paid, pieces, state_of
from tests.unit.processors.orders.upcoming_facts import (
    BEGINNING,
    CAPTURED,
    CLOSED,
    COMPLETED,
    DONE,
    REFUNDED,
    at,
    created,
    due,
    opened,
    shipped,
    told,
)


def test_what_was_taken_twice_is_looked_at_and_not_awaited_where_nothing_was_cancelled() -> None:
    twice = at(paid("captured", 7, "again", 10), 1)
    assert due(*DONE, twice) == {}
    assert attention(state_of(*DONE, twice)) == {("over_captured", "EUR")}


def test_the_first_capture_is_due_since_the_first_shipment() -> None:
    two = (created(items=items("A", "B", quantity=1)), opened("A", "B"), told("authorized", 0))
    assert due(*two, shipped(1, "A"), shipped(8, "B", request_id="other"))[CAPTURED] == 25


def test_the_last_capture_is_due_only_where_it_is_certain() -> None:
    """Everything went out, the order's total is not captured, and the authorization still holds the rest."""
    two = (created(items=items("A", "B", quantity=1)), opened("A", "B"), CLOSED)
    both = (*two, shipped(1, "A"), shipped(8, "B", request_id="other"))
    partly = told("captured", 2, 4)
    assert due(*both, told("authorized", 0), partly) == {CAPTURED: 32}
    assert due(*both, partly) == {}  # nothing is authorized any more, as far as anybody knows
    assert due(*both, told("authorized", 0), partly, told("voided", 3, 6)) == {}
    assert due(*both, told("authorized", 0, 30), told("captured", 2, 10)) == {}  # more was authorized than was due
    cancelled = fact("order.items_cancelled", clock(9), items=items("B"))
    assert due(*two, shipped(1, "A"), told("authorized", 0), partly, cancelled) == {}  # the rest expires


def test_the_last_capture_is_due_whatever_of_it_came_back_or_took_the_place_of_something() -> None:
    two = (created(items=items("A", "B", quantity=1)), told("authorized", 0), told("captured", 2, 4), CLOSED)
    sent, late = shipped(8, "A", "B"), {CAPTURED: 32}
    whole, refund = (*two, opened("A", "B"), sent), told("refunded", 9, 1, correlation_id="r")
    assert due(*whole, at(back("r", 9, pieces("B"), total_refund_amount=1), 9), refund) == late
    assert due(*whole, at(back("r", 9, pieces("A"), pieces("B"), total_refund_amount=1), 9), refund) == late
    swap = fact("order.items_swapped", clock(1), items=items("C", new_item_id="B"))
    assert due(*two, opened("A", "B"), swap, sent) == late
    cancelled = fact("order.items_cancelled", clock(9), items=items("A"))
    assert due(*two, opened("A", "B"), cancelled, shipped(8, "B"), at(back("r", 9, pieces("B")), 9), refund) == {}


def test_a_capture_that_came_and_cannot_be_read_is_not_awaited() -> None:
    life = (*BEGINNING, shipped(0), told("authorized", 0), CLOSED)
    assert due(*life, told("captured", 0, "10,00")) == {}
    assert due(*life, told("captured", 0, 4)) == {CAPTURED: 24}
    assert due(*life, told("captured", 0, 4), paid("captured", 7, "c", "6,00")) == {}
    assert due(*life, told("captured", 0, 4), paid("captured", 7, "c", 6, currency=None)) == {}  # of any currency
    cancelled = fact("order.items_cancelled", clock(3), items=[])
    assert due(*life, cancelled, told("captured", 0, "10,00")) == {}


def test_what_costs_nothing_is_not_paid() -> None:
    free = (created(grand_total=0), opened(grand_total="0.00"), CLOSED)
    assert due(*free, shipped(1)) == {}


def test_what_is_of_nothing_pays_and_gives_back_nothing() -> None:
    late, sent = {CAPTURED: 24}, (*BEGINNING, shipped(0), told("authorized", 0), CLOSED)
    assert due(*sent, told("captured", 0, 0)) == due(*sent, told("captured", 0, "0.00")) == late
    returned = at(back("r", 9, pieces("A"), total_refund_amount=4), 0)
    asked = at(fact("refund_request.issued", clock(9), id="r", amount="0.004", currency="EUR"), 0)
    for owed in (returned, asked):
        assert due(*DONE, owed, told("refunded", 1, 0, correlation_id="r")) == {f"{REFUNDED}:r": 120}
    assert due(*DONE, returned, told("refunded", 1, "much", correlation_id="r")) == {}


def test_nothing_is_due_of_an_order_that_costs_nothing_any_more() -> None:
    """Its only item with a price was cancelled, and a present went out."""
    line = {"quantity": 1, "item_discounts": 0, "order_discounts": 0, "tax": 0}
    listed = [*items("A", list_price=10, **line), *items("B", list_price=0, **line)]
    said: Json = {"price_method": "tax_included", "items": listed}
    gone = fact("order.items_cancelled", clock(3), items=items("A"))
    life = (created(**said), opened(**said), shipped(0, "B"), told("authorized", 0), told("voided", 1), CLOSED)
    assert due(*life) == due(*life, told("captured", 0, 0)) == {CAPTURED: 24}
    assert due(*life, gone) == due(*life, gone, told("captured", 0, 0)) == {}


def test_nobody_waits_for_the_noise_of_what_is_authorized() -> None:
    """9.9 is left to be captured, as binary fractions have it."""
    life = (created(grand_total=100), opened(grand_total=100), shipped(0), told("authorized", 0, 100), CLOSED)
    for left, late in (("9.9", {}), ("9.899999999999999", {}), ("9.895", {}), ("9.89", {CAPTURED: 24})):
        assert due(*life, told("captured", 0, "90.1"), told("voided", 3, left)) == late


def test_what_cost_nothing_gives_nothing_back() -> None:
    """This holds whatever the return says. A refund request, or money that was taken, is something else."""
    free = (created(grand_total=0), opened(grand_total="0.00"), CLOSED, shipped(1))
    assert due(*free, at(back("r", 20, pieces("A")), 2)) == {}
    assert due(*free, at(back("r", 20, pieces("A"), total_refund_amount=4), 2)) == {}
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=9, currency="EUR"), 2)
    assert due(*free, asked) == {f"{REFUNDED}:ask": 122}
    gone = at(fact("order.cancelled", clock(9)), 2)
    assert due(*free[:2], told("captured", 0), gone) == {REFUNDED: 122}


@pytest.mark.parametrize("amount", [None, "", "much"])
def test_a_return_gives_money_back_though_nobody_can_read_how_much(amount: object) -> None:
    returned = at(back("r", 9, pieces("A"), total_refund_amount=amount, currency="EUR"), 0)
    assert due(*DONE, returned) == {f"{REFUNDED}:r": 120}
    assert due(*DONE, returned, told("refunded", 1, "much", correlation_id="r")) == {}


def test_a_return_whose_fee_is_more_than_it_gives_back_gives_nothing_back() -> None:
    returned = back("r", 9, pieces("A"), total_refund_amount=4, return_fee=5, currency="EUR")
    assert due(*DONE, at(returned, 0)) == {}
    assert state_of(*DONE, returned)["returns"]["r"]["refund_outstanding"] == "0"
    unclear = back("r", 9, total_refund_amount=5, total_refund_amount_adjusted=5, return_fee=5, currency="EUR")
    assert due(*DONE, at(unclear, 0)) == {}


def test_an_even_exchange_has_no_payments() -> None:
    even = (created(is_exchange=True), opened(is_exchange=True), shipped(1), CLOSED)
    assert due(*even) == {}
    assert due(*even, back("r", 9, total_refund_amount=4)) == {}
    assert due(*even, told("authorized", 0)) == {CAPTURED: 25}  # an uneven one


def test_whoever_asks_for_money_for_an_even_exchange_waits_for_it() -> None:
    """No exchange settles that."""
    even = (created(is_exchange=True), opened(is_exchange=True), shipped(1), CLOSED)
    asked = at(fact("refund_request.issued", clock(8), id="q", amount=5, currency="EUR"), 2)
    for payments in ((), (told("authorized", 0, 0),)):
        assert due(*even, *payments, asked) == {f"{REFUNDED}:q": 122}
        assert due(*even, *payments, asked, told("refunded", 3, 5, correlation_id="q")) == {}


def test_an_even_exchange_whose_payments_are_of_nothing_is_one() -> None:
    even = (created(is_exchange=True), opened(is_exchange=True), shipped(1), CLOSED)
    assert due(*even, told("authorized", 0, 0)) == due(*even, told("captured", 0, 0)) == {}
    assert due(*even, told("authorized", 0, 0), told("captured", 0, "0.00")) == {}
    assert due(*even, told("authorized", 0, 0), at(back("r", 9, total_refund_amount=4), 0)) == {}
    assert due(*even, told("authorized", 0), told("captured", 0, 0)) == {CAPTURED: 25}


def test_an_even_exchange_that_came_back_for_money_was_not_paid_either() -> None:
    even = (created(is_exchange=True), opened(is_exchange=True), shipped(1), CLOSED)
    returned = at(back("r", 9, pieces("A"), total_refund_amount=10), 2)
    assert due(*even, returned, told("refunded", 3, correlation_id="r")) == {}
    other = at(back("s", 9, total_refund_amount=4), 2)
    assert due(*even, returned, other, told("refunded", 3, correlation_id="r")) == {f"{REFUNDED}:s": 122}


def test_nor_was_one_that_came_back_for_a_credit_which_was_voided() -> None:
    even = (created(is_exchange=True), opened(is_exchange=True), shipped(1), CLOSED)
    returned = at(back("r", 9, pieces("A"), total_refund_amount=10), 2)
    credit = told("refunded", 3, correlation_id="r", instrument_id="credit")
    assert due(*even, returned, credit, told("voided", 4, instrument_id="credit")) == {}
    assert due(*even, returned, credit, told("voided", 4, instrument_id="another")) == {CAPTURED: 25}


def test_a_return_that_the_order_itself_exchanges_is_settled() -> None:
    exchanges = [{"order_id": "before", "return_id": "r"}]
    settled = (created(), opened(exchanges=exchanges), *DONE[2:])
    returns = (at(back("r", 9, total_refund_amount=4), 0), at(back("other", 9, total_refund_amount=4), 0))
    assert due(*settled, *returns) == {f"{REFUNDED}:other": 120}
    assert due(*settled, *returns, told("refunded", 1, 4, correlation_id="credit-1")) == {}  # it is all that is owed


def test_what_a_refund_leaves_of_a_return_may_have_gone_into_an_exchange() -> None:
    returned = at(back("r", 9, pieces("A"), total_refund_amount="189.44", currency="EUR"), 0)
    assert due(*DONE, returned, told("refunded", 1, "86.60", correlation_id="r")) == {}


@pytest.mark.parametrize("named", ["credit-1", None])
def test_a_store_credit_that_names_itself_may_be_what_a_return_waits_for(named: str | None) -> None:
    returned = at(back("r", 9, pieces("A"), total_refund_amount=100), 0)
    credit = told("refunded", 1, 100, correlation_id=named, method="store_credit")
    dear = (created(grand_total=200), opened(grand_total=200), *DONE[2:], paid("captured", 7, "more", 190))
    assert due(*dear, returned, credit) == {}
    late = {f"{REFUNDED}:r": 120}
    assert due(*dear, returned, told("refunded", 1, "99.99", correlation_id=named)) == late
    assert due(*dear, returned, told("refunded", 1, 100, correlation_id=named, currency="USD")) == late
    other = at(back("s", 10, total_refund_amount=30), 0)
    assert due(*dear, returned, other, credit) == {**late, f"{REFUNDED}:s": 120}
    assert due(*dear, returned, other, told("refunded", 2, 130, correlation_id=named)) == {}
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=5, currency="EUR"), 0)
    assert due(*dear, returned, asked, credit) == {**late, f"{REFUNDED}:ask": 120}


def test_a_return_that_says_not_how_much_it_gives_back_is_settled_by_any_refund_for_nothing_known() -> None:
    returned = at(back("r", 9, pieces("A")), 0)
    assert due(*DONE, returned) == {f"{REFUNDED}:r": 120}
    assert due(*DONE, returned, told("refunded", 1, 4, method="store_credit")) == {}


def test_what_gives_money_back_gives_it_back_with_a_minus_too() -> None:
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=-5, currency="EUR"), 0)
    returned = at(back("r", 9, pieces("A"), total_refund_amount=-5), 0)
    late = {f"{REFUNDED}:ask": 120, f"{REFUNDED}:r": 120}
    assert due(*DONE, asked, returned) == late
    refunds = [paid("refunded", 9, name, -5, correlation_id=name) for name in ("ask", "r")]
    assert due(*DONE, asked, returned, *refunds) == {}
    assert attention(state_of(*DONE, asked, returned, *refunds)) == set()


def test_what_a_refund_leaves_of_a_request_is_still_owed() -> None:
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=9, currency="EUR"), 0)
    assert due(*DONE, asked, told("refunded", 1, 5, correlation_id="ask")) == {f"{REFUNDED}:ask": 120}


@pytest.mark.parametrize("currency", ["EUR", None])
@pytest.mark.parametrize(("given", "method", "left"), [(8.98, "cash", 0), (8.97, "cash", 1), (8.99, "credit_card", 1)])
def test_a_request_of_which_only_what_was_rounded_is_left_is_paid(
    given: float, method: str, left: int, currency: str | None
) -> None:
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=9, currency=currency), 0)
    late = {f"{REFUNDED}:ask": 120}
    assert due(*DONE, asked, told("refunded", 1, given, correlation_id="ask", method=method)) == (late if left else {})


def test_what_cash_of_one_currency_is_rounded_by_is_owed_in_another_one() -> None:
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=9, currency="USD"), 0)
    cash = [*DONE[:4], told("captured", 0, method="cash"), CLOSED]
    refunded = told("refunded", 1, 8, correlation_id="ask", currency="USD")
    assert due(*cash, asked, refunded) == {f"{REFUNDED}:ask": 120}


def test_where_nobody_names_a_currency_cash_is_rounded_all_the_same() -> None:
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=9), 0)
    nameless = [created(currency=None), opened(currency=None), *DONE[2:4]]
    cash = [told(action, 0, currency=None, method="cash") for action in ("authorized", "captured")]
    refunds = [told("refunded", 1, n, correlation_id="ask", currency=None, method="cash") for n in (7, "6.99")]
    assert due(*nameless, *cash, CLOSED, asked, refunds[0]) == {}
    assert due(*nameless, *cash, CLOSED, asked, refunds[1]) == {f"{REFUNDED}:ask": 120}


def test_a_request_for_less_than_is_rounded_is_awaited_all_the_same() -> None:
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=0.02, currency="EUR"), 0)
    cash = [*DONE[:4], told("captured", 0, method="cash"), CLOSED]
    assert due(*cash, asked) == {f"{REFUNDED}:ask": 120}


@pytest.mark.parametrize(("amount", "method", "left"), [(9.98, "cash", 0), (9.97, "cash", 1), (9.99, "credit_card", 1)])
def test_what_cash_was_rounded_by_is_not_to_be_captured(amount: float, method: str, left: int) -> None:
    paid_in = {"method": method}
    life = [*BEGINNING, shipped(1), told("authorized", 0, **paid_in), told("captured", 2, amount, **paid_in), CLOSED]
    assert due(*life) == ({CAPTURED: 25} if left else {})


def test_the_end_of_an_order_of_which_only_the_way_back_is_known_is_awaited() -> None:
    lost = (created(), opened(), told("authorized", 0), told("captured", 0))
    returned = at(back("r", 9, pieces("A"), total_refund_amount=0), 3)
    assert due(*lost, returned) == {COMPLETED: 27}
    assert due(*lost, shipped(1), returned) == {COMPLETED: 25}
    assert due(*lost, returned, CLOSED) == {}


@pytest.mark.parametrize("amount", [0, "0.00"])
def test_who_gets_nothing_back_waits_for_nothing(amount: object) -> None:
    assert due(*DONE, back("r", 9, total_refund_amount=amount)) == {}


def test_a_return_is_not_awaited_where_all_that_was_captured_is_back() -> None:
    """A lost parcel was paid back on request, and then it came back."""
    asked = at(fact("refund_request.issued", clock(9), id="ask", amount=10, currency="EUR"), 0)
    returned = at(back("r", 20, pieces("A"), total_refund_amount=10), 2)
    late = {f"{REFUNDED}:r": 122}
    life = (*DONE, asked, returned)
    assert due(*life, told("refunded", 1, 10, correlation_id="ask")) == {}
    assert due(*life, told("refunded", 1, "9.99", correlation_id="ask")) == {**late, f"{REFUNDED}:ask": 120}
    assert due(*life, paid("captured", 7, "more", "10,00"), told("refunded", 1, 10, correlation_id="ask")) == late
    elsewhere = at(back("s", 21, total_refund_amount=10, currency="USD"), 2)
    assert due(*life, elsewhere, told("refunded", 1, 10, correlation_id="ask")) == {f"{REFUNDED}:s": 122}


def test_nor_where_it_was_voided_again() -> None:
    gift = (*BEGINNING, shipped(0), CLOSED, *(told(each, 0, method="gift_card") for each in ("authorized", "captured")))
    returned = at(back("r", 20, pieces("A"), total_refund_amount=10), 2)
    assert due(*gift, returned, told("voided", 1, 10, method="gift_card")) == {}
    assert due(*gift, returned, told("voided", 1, 9, method="gift_card")) == {f"{REFUNDED}:r": 122}


def test_where_no_capture_is_known_more_may_have_been_taken_than_is_back() -> None:
    returned = at(back("r", 20, pieces("A"), total_refund_amount=10), 2)
    assert f"{REFUNDED}:r" in due(*BEGINNING, shipped(0), returned, told("refunded", 1, 4))
