"""What an exchange order refunds for a return that it names is for something known, though of another order."""

from tests.unit.processors.orders.facts import Json, attention, back, clock, fact, in_any_order, items, paid, pieces
from tests.unit.processors.orders.upcoming_facts import DONE, REFUNDED, at, created, due, opened, told

EXCHANGES = [{"order_id": "before", "return_id": "r0"}, {"order_id": "nameless", "return_id": None}]
LIFE = (created(), opened(is_exchange=True, exchanges=EXCHANGES), *DONE[2:])


def test_a_refund_for_the_exchanged_return_is_nothing_to_look_at() -> None:
    state = in_any_order(*LIFE, told("refunded", 1, 4, correlation_id="r0"))
    assert (attention(state), state["suspected"]) == (set(), [])
    assert [each["correlation_id"] for each in state["unmatched_refunds"]] == ["r0"]


def test_any_other_one_is() -> None:
    state = in_any_order(*LIFE, told("refunded", 1, 4, correlation_id="r1"))
    assert attention(state) == {("unmatched_refund", "refunded:refunded-1")}
    assert state["suspected"] == ["return_or_refund_request:refunded:refunded-1"]
    nameless = in_any_order(*LIFE, told("refunded", 1, 4))
    assert attention(nameless) == {("unmatched_refund", "refunded:refunded-1")}


def test_it_is_taken_for_no_return_of_the_order_itself() -> None:
    returned = at(back("r", 9, pieces("A"), total_refund_amount=4), 0)
    assert due(*LIFE, returned, told("refunded", 1, 4, correlation_id="r0")) == {f"{REFUNDED}:r": 120}
    assert due(*LIFE, returned, told("refunded", 1, 4, correlation_id="r1")) == {}


def test_the_rest_of_an_exchange_is_given_back_once() -> None:
    """What went back for the exchanged return does not go back unnoticed again."""
    price: Json = {"items": items("A", quantity=1), "currency": "EUR", "grand_total": 10}
    exchange = fact("order.opened", clock(1), is_exchange=True, exchanges=EXCHANGES, **price)
    charged = [exchange, paid("authorized", 2, "a", 15), paid("captured", 3, "c", 15)]
    rest, again = paid("refunded", 4, "r", 5, correlation_id="r0"), paid("refunded", 5, "s", 5)
    assert attention(in_any_order(*charged, rest)) == attention(in_any_order(*charged, again)) == set()
    assert attention(in_any_order(*charged, rest, again)) == {("unmatched_refund", "refunded:s")}
    assert (
        attention(in_any_order(*charged, paid("refunded", 4, "r", 3, correlation_id="r0"), paid("refunded", 5, "s", 2)))
        == set()
    )
    elsewhere = paid("refunded", 4, "r", 5, correlation_id="r0", currency="USD")
    assert ("unmatched_refund", "refunded:s") not in attention(in_any_order(*charged, elsewhere, again))
