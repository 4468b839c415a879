"""The lists that somebody works through: orders that failed twice, have a balance left, or owe a refund. Orders that
may not belong there are in none."""

import pytest

from processors.orders.apply import OrderRules, apply, list_unprocessed
from processors.orders.events import BIT, OTHER_REQUEST, PAYMENT_ACTION
from processors.orders.fact import Fact
from processors.orders.order_rules import History
from processors.orders.row import summary_of
from processors.orders.standing import FAILED_TWICE, LISTS, REFUND_OUTSTANDING, UNBALANCED
from processors.orders.unprocessed import Unprocessed
from tests.unit.processors.orders.facts import (
    EVERYTHING,
    ORDER_ID,
    TENANT,
    Json,
    back,
    clock,
    fact,
    items,
    paid,
    pieces,
    request,
)

LINE: Json = {"quantity": 1, "list_price": 30, "item_discounts": 0, "order_discounts": 0, "tax": 0}
TOTALS: Json = {"grand_total": 70, "shipping_total": 10, "price_method": "tax_excluded"}
HEAD: Json = {"currency": "EUR", **TOTALS, "items": items("A", "B", **LINE)}
"""Two items of 30, and 10 for shipping."""
OPENED = fact("order.opened", clock(1), **HEAD)
CREATED = fact("order.created", clock(0), **HEAD)
SENT = [request("assigned", 2, "A", "B", request_id="sent"), request("items_completed", 5, "A", "B", request_id="sent")]
CLOSED = fact("order.completed", clock(6), items=items("A", "B", status="complete"))
DONE = [CREATED, OPENED, *SENT, CLOSED]
AUTHORIZED = paid("authorized", 2, "a", 70)
WHOLE = [AUTHORIZED, paid("captured", 3, "c", 70)]
B_OFF = fact("order.items_cancelled", clock(4), items=items("B"))
A_CLOSED = fact("order.completed", clock(6), items=[*items("A", status="complete"), *items("B", status="cancelled")])
B_CANCELLED = [CREATED, OPENED, B_OFF, request("items_completed", 5, "A", request_id="sent"), A_CLOSED]
"""The order costs 40 then."""
RETURNED = back("r", 7, pieces("A"), total_refund_amount=30, currency="EUR")
ASKED = fact("refund_request.issued", clock(7), id="q", amount=15, currency="EUR")
EXCHANGE: Json = {**HEAD, "is_exchange": True}


def lists(*facts: Fact, rules: OrderRules = EVERYTHING) -> set[str]:
    """This file's lists that an order is in, the same in any order of arrival."""
    found = []
    for arrived in (facts, facts[::-1]):
        summary = summary_of(apply(None, arrived, rules).row)
        assert summary is not None
        found.append({LISTS[place] for place in summary.standing} & {FAILED_TWICE, UNBALANCED, REFUND_OUTSTANDING})
    assert found[0] == found[1]
    return found[0]


def voided(amount: object) -> Fact:
    """A void of so much of a charged gift card."""
    return paid("voided", 7, "v", amount, method="gift_card")


def without(*left_out: str) -> OrderRules:
    """The rules of a deployment that is subscribed to all other names."""
    return OrderRules(events=frozenset(BIT) - {OTHER_REQUEST, *left_out})


def failed(request_id: str, *ids: str) -> list[Fact]:
    return [request(each, 2, *ids, request_id=request_id) for each in ("assigned", "items_failed")]


# -- failed twice --------------------------------------------------------------------------------------------


def test_what_two_requests_failed_is_listed_until_it_is_sent_or_nobody_waits_for_it() -> None:
    twice = [OPENED, *failed("one", "A"), *failed("two", "A")]
    assert lists(OPENED, *failed("one", "A", "B")) == set()
    assert lists(*twice) == {FAILED_TWICE}
    assert lists(*twice, request("assigned", 4, "A", request_id="three")) == {FAILED_TWICE}
    assert lists(*twice, fact("order.items_on_hold", clock(5), items=items("A"))) == {FAILED_TWICE}
    assert lists(*twice, request("items_completed", 5, "A", request_id="three")) == set()
    assert lists(*twice, fact("order.items_cancelled", clock(5), items=items("A"))) == set()
    assert lists(*twice, fact("order.cancelled", clock(5), items=[])) == set()
    assert lists(*twice, fact("order.completed", clock(5), items=[])) == set()


def test_two_items_that_failed_once_each_are_an_order_that_failed_twice() -> None:
    two = [OPENED, *failed("one", "A"), *failed("two", "B")]
    assert lists(*two) == {FAILED_TWICE}
    assert lists(*two, request("items_completed", 5, "A", request_id="three")) == set()


def test_an_item_of_which_pieces_went_out_failed_twice_with_the_others() -> None:
    three = fact("order.opened", clock(1), items=items("A", quantity=3))
    twice = [three, *failed("one", "A"), *failed("two", "A")]
    sent = request("items_completed", 5, "A", "A", request_id="three")
    assert lists(*twice, sent) == {FAILED_TWICE}
    assert lists(*twice, sent, fact("order.items_cancelled", clock(6), items=items("A"))) == set()


def test_shipping_and_wrapping_fail_no_order() -> None:
    listed = [*items("A", quantity=1), *items("W", quantity=1, item_type="gift-wrapping")]
    assert lists(fact("order.opened", clock(1), items=listed), *failed("one", "W"), *failed("two", "W")) == set()


# -- unbalanced ----------------------------------------------------------------------------------------------


def test_a_completed_order_is_listed_as_long_as_less_or_more_was_taken_than_it_costs() -> None:
    assert lists(*DONE, *WHOLE) == set()
    assert lists(*DONE, AUTHORIZED, paid("captured", 3, "c", 69)) == {UNBALANCED}
    assert lists(*DONE, AUTHORIZED, paid("captured", 3, "c", 69), paid("captured", 4, "d", 1)) == set()
    more = [*DONE, *WHOLE, paid("captured", 4, "d", 5)]
    assert lists(*more) == {UNBALANCED}
    assert lists(*more, paid("refunded", 5, "r", 5)) == set()
    assert lists(CREATED, OPENED, *SENT[:1], AUTHORIZED, paid("captured", 3, "c", 69)) == set()  # not completed


def test_what_was_cancelled_is_no_part_of_its_price() -> None:
    assert lists(*B_CANCELLED, AUTHORIZED, paid("captured", 5, "c", 40)) == set()
    assert lists(*B_CANCELLED, AUTHORIZED, paid("captured", 5, "c", 39)) == {UNBALANCED}
    assert lists(*B_CANCELLED, *WHOLE) == {UNBALANCED}
    assert lists(*B_CANCELLED, *WHOLE, paid("refunded", 7, "r", 30)) == set()


def test_money_that_went_back_for_goods_or_as_an_appeasement_leaves_no_balance() -> None:
    assert lists(*DONE, *WHOLE, RETURNED, paid("refunded", 8, "r", 30, correlation_id="r")) == set()
    assert lists(*DONE, *WHOLE, ASKED, paid("refunded", 8, "r", 15, correlation_id="q")) == set()


def test_what_was_voided_again_was_not_taken_unless_it_may_be_for_goods_or_on_request() -> None:
    gift = [paid(step, 3, step, 70, method="gift_card") for step in ("authorized", "captured")]
    charged, anew = [*DONE, *gift], [paid(step, 8, f"card-{step}", 70) for step in ("authorized", "captured")]
    assert lists(*charged, voided(70)) == lists(*charged, voided(1)) == {UNBALANCED}
    assert lists(*charged, voided(70), *anew) == set()
    assert lists(*B_CANCELLED, *gift, voided(30)) == set()
    assert lists(*B_CANCELLED, *gift, voided(60)) == {UNBALANCED}
    assert UNBALANCED not in lists(*charged, RETURNED, voided(30))
    assert UNBALANCED not in lists(*charged, ASKED, voided(15))
    for event in ("return.processed", "refund_request.issued"):
        assert lists(*charged, voided(30), rules=without(event)) == set()
    assert lists(fact("order.opened", clock(1), **EXCHANGE), *SENT, CLOSED, *gift, voided(42)) == set()


def test_noise_is_no_balance_and_a_cent_is() -> None:
    for amount in (69.996, 70.004):
        assert lists(*DONE, AUTHORIZED, paid("captured", 3, "c", amount)) == set()
    for amount in (69.99, 70.01):
        assert lists(*DONE, AUTHORIZED, paid("captured", 3, "c", amount)) == {UNBALANCED}


def test_nor_is_what_cash_is_rounded_by() -> None:
    assert lists(*DONE, paid("captured", 3, "c", 69.98, method="cash")) == set()
    assert lists(*DONE, paid("captured", 3, "c", 69.90, method="cash")) == {UNBALANCED}


def test_an_exchange_is_paid_by_what_came_back() -> None:
    rest = [AUTHORIZED, paid("captured", 3, "c", 20)]
    for said in ({"is_exchange": True}, {"exchanges": [{"order_id": "old", "return_id": "old-r"}]}):
        life = [fact("order.opened", clock(1), **HEAD, **said), *SENT, CLOSED]
        assert lists(*life) == lists(*life, *rest) == set()
        assert lists(*life, *WHOLE, paid("captured", 4, "d", 5)) == {UNBALANCED}


def test_a_balance_that_nobody_knows_is_none() -> None:
    unread = paid("captured", 3, "c", "10,00")
    for life in (
        [*DONE],  # nothing was paid, as far as anybody knows
        [*DONE, AUTHORIZED, unread],
        [*DONE, paid("captured", 3, "c", 10, currency="USD")],
        [*DONE, *WHOLE, paid("captured", 4, "d", 5), paid("refunded", 5, "r", "5,00")],
        [*B_CANCELLED[:2], B_OFF, *SENT[:1], A_CLOSED, AUTHORIZED, paid("captured", 5, "c", 39, currency="USD")],
        [fact("order.opened", clock(1), currency="EUR", items=items("A")), CLOSED, paid("captured", 3, "c", 10)],
    ):
        assert lists(*life) == set()
    unpriced = {**HEAD, "grand_total": 60}  # its lines do not make it up, so nobody knows what is left of it
    life = [fact("order.opened", clock(1), **unpriced), B_OFF, A_CLOSED, AUTHORIZED, paid("captured", 5, "c", 10)]
    assert lists(*life) == set()


OWED = [*DONE, AUTHORIZED, paid("captured", 3, "c", 60), ASKED]
BOTH = {UNBALANCED, REFUND_OUTSTANDING}


def test_imported_orders_and_those_from_before_the_bridge_are_of_no_list_of_money() -> None:
    assert lists(*OWED) == BOTH
    imported = fact("order.opened", clock(1), **HEAD, is_historical=True)
    assert lists(imported, *SENT, CLOSED, *OWED[5:]) == set()
    earlier = OrderRules(history=History("2025", "2025"))
    assert lists(*OWED, rules=earlier) == set()


@pytest.mark.parametrize("left_out", PAYMENT_ACTION)
def test_nor_are_those_of_a_deployment_that_does_not_get_all_payments(left_out: str) -> None:
    assert lists(*OWED, rules=without()) == BOTH
    assert lists(*OWED, rules=without(left_out)) == set()


def test_a_refund_is_not_known_to_be_outstanding_where_captures_are_not_told() -> None:
    owed, captured = [*DONE, *WHOLE, ASKED, paid("refunded", 8, "x", 70, correlation_id="q"), RETURNED], WHOLE[1]
    assert lists(*owed) == set()
    unheard = [each for each in owed if each is not captured]
    assert lists(*unheard, rules=without("payment_account.amount_captured")) == set()


def test_nor_where_nothing_tells_which_orders_are_exchanges() -> None:
    unheard = [*SENT, CLOSED, RETURNED]
    assert lists(*unheard, rules=without("order.created")) == {REFUND_OUTSTANDING}
    assert lists(*unheard, rules=without("order.created", "order.opened")) == set()


def test_a_balance_is_not_known_without_what_tells_of_cancelled_pieces() -> None:
    said: Json = {"currency": "EUR", "grand_total": 90, "items": items("A", **{**LINE, "quantity": 3})}
    begun = [fact("order.created", clock(0), **said), fact("order.opened", clock(1), **said)]
    sent = [request("assigned", 2, "A"), request("items_completed", 3, "A", "A")]
    off = fact("order.items_cancelled", clock(4), items=items("A"))
    rest = [fact("order.completed", clock(6), items=items("A", status="complete")), paid("captured", 5, "c", 60)]
    assert lists(*begun, *sent, off, *rest) == set()
    assert lists(*begun, *sent, *rest) == {UNBALANCED}
    assert lists(*begun, *sent, *rest, rules=without("order.items_cancelled")) == set()
    assert lists(*begun, sent[0], off, *rest, rules=without("fulfillment_request.items_completed")) == set()


@pytest.mark.parametrize(
    "left_out", ["fulfillment_request.items_completed", "order.items_cancelled", "order.cancelled"]
)
def test_nor_is_it_known_that_what_failed_twice_is_still_to_go_out(left_out: str) -> None:
    twice = [OPENED, *failed("one", "A"), *failed("two", "A")]
    assert lists(*twice, rules=without()) == {FAILED_TWICE}
    assert lists(*twice, rules=without(left_out)) == set()


def test_nor_are_those_of_which_an_event_could_not_be_processed() -> None:
    row = apply(None, OWED, EVERYTHING).row
    entry = ["payment_account.amount_captured", "key", "0:9", "why", "2024-05-01T10:00:09.000Z"]
    event = Unprocessed(ORDER_ID, TENANT, entry)
    applied, _ = list_unprocessed(row, [event], EVERYTHING)
    assert not {LISTS.index(name) for name in BOTH} & applied.after.standing.keys()
