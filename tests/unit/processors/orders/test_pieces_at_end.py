"""An end of the order has a line for each piece of an item: some went out, and others were cancelled."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    Json,
    attention,
    back,
    clock,
    contradiction,
    fact,
    in_any_order,
    items,
    kinds,
    paid,
    request,
)
from tests.unit.processors.orders.test_cancelled_pieces import cancelled, late

PRICED: Json = {"list_price": 50, "tax": 0, "item_discounts": 0, "order_discounts": 0}


def listed(pieces: int) -> list[Fact]:
    """Return lists with so many pieces of A and one of B, and the authorization for all."""
    order: Json = {
        "items": [*items("A", quantity=pieces, **PRICED), *items("B", quantity=1, **PRICED)],
        "currency": "EUR",
        "grand_total": 50 * (pieces + 1),
        "price_method": "tax_included",
    }
    both = [fact(name, clock(0), **order) for name in ("order.created", "order.opened")]
    return [*both, paid("authorized", 1, "a", 50 * (pieces + 1))]


def end(*statuses: str, event: str = "order.completed", second: int = 20, of: str = "A", quantity: int = 1) -> Fact:
    """Return an end of the order, with a line of this quantity for each of the statuses of A, and one for B."""
    of_each = [{"id": of, "quantity": quantity, "status": status} for status in statuses]
    return fact(event, clock(second), items=[*of_each, {"id": "B", "quantity": 1, "status": "complete"}])


SENT = [request(step, 5, "A", "B") for step in ("assigned", "items_completed")]
B_SENT = [request(step, 5, "B") for step in ("assigned", "items_completed")]


def numbers(state: Json) -> tuple[int, int]:
    """Return how many pieces of A were shipped, and how many cancelled."""
    return state["items"]["A"]["shipped_quantity"], state["items"]["A"]["cancelled_quantity"]


@pytest.mark.parametrize(
    ("facts", "pieces"),
    [
        ([end("complete", "cancelled", "cancelled")], (1, 2)),
        ([*SENT, end("complete", "cancelled", "cancelled")], (1, 2)),
        ([*SENT, cancelled("A"), end("complete", "complete", "cancelled")], (2, 1)),
        ([cancelled("A", "A"), end("complete", "cancelled", "cancelled")], (1, 2)),
        ([request("items_completed", 5, "A", "A"), end("complete", "complete", "cancelled")], (2, 1)),
        ([request("items_completed", 5, "A", "A"), end("complete", "complete", "complete")], (3, 0)),
        ([end("complete", "complete", event="order.shipped")], (2, 0)),
        ([end("complete", event="order.shipped", quantity=2)], (2, 0)),
        ([end("odd", "odd", "cancelled", event="order.shipped")], (2, 1)),
        ([end("cancelled", "cancelled", "cancelled")], (0, 3)),
        ([end("complete", quantity=3)], (3, 0)),
        ([end("complete")], (3, 0)),
        ([end("complete", "complete", "complete", "complete")], (3, 0)),
        ([*SENT, fact("order.cancelled", clock(20))], (3, 0)),
        ([request("items_completed", 5, "A", "A"), fact("order.cancelled", clock(20))], (2, 1)),
    ],
)
def test_a_line_is_a_piece_where_several_are_told_of(facts: list[Fact], pieces: tuple[int, int]) -> None:
    assert numbers(in_any_order(*listed(3), *facts)) == pieces


def test_what_was_cancelled_beside_what_went_out_contradicts_nothing_and_all_is_fulfilled() -> None:
    state = in_any_order(*listed(2), *SENT, cancelled("A"), end("complete", "cancelled"))
    assert kinds(state) == []
    assert (state["status"], state["fulfillment_status"]) == ("completed", "fulfilled")
    assert state["items"]["A"]["status"] == "complete"


@pytest.mark.parametrize("second", [4, 25])
@pytest.mark.parametrize("event", ["order.shipped", "order.completed"])
@pytest.mark.parametrize("sent", [SENT, B_SENT])
def test_one_name_cancels_the_pieces_that_an_end_does_not_send(sent: list[Fact], event: str, second: int) -> None:
    """The end lists only what went out. With the rest cancelled, that is the whole order."""
    facts = [*listed(3), *sent, cancelled("A", second=second), end("complete", "complete", event=event)]
    state = late(*facts, paid("captured", 9, "c", 150))
    assert numbers(state) == (2, 1)
    assert (state["status"], state["fulfillment_status"], kinds(state)) == ("completed", "fulfilled", [])
    assert (state["stalled"], state["order"]["current_total"]) == ([], None)
    all_went = in_any_order(*listed(2), *sent, cancelled("A", second=second), end("complete", "complete", event=event))
    assert kinds(all_went) == ["item_cancelled_and_shipped"]


def test_an_order_that_was_shipped_in_part_is_not_over() -> None:
    state = in_any_order(*listed(3), *B_SENT, end("complete", "complete", event="order.shipped"))
    assert (state["status"], state["fulfillment_status"]) == ("open", "partial")


def test_nobody_knows_what_one_of_two_pieces_costs_so_nothing_is_awaited_for_it() -> None:
    """This holds whether only what was sent was captured, or the rest was given back."""
    facts = [*listed(2), *SENT, end("complete", "cancelled")]
    only_what_went_out = late(*facts, paid("captured", 9, "c", 100))
    assert (only_what_went_out["stalled"], attention(only_what_went_out)) == ([], set())
    given_back = late(*facts, paid("captured", 9, "c", 150), paid("refunded", 30, "r", 50))
    assert (given_back["stalled"], attention(given_back)) == ([], set())
    assert given_back["order"]["current_total"] is None


@pytest.mark.parametrize(
    "off",
    [
        [cancelled("A"), end("cancelled", "cancelled")],
        [end("cancelled", "cancelled")],
        [end("cancelled", quantity=2)],
        [fact("order.cancelled", clock(20))],
    ],
)
def test_an_item_of_which_each_piece_is_cancelled_is_off_at_its_price(off: list[Fact]) -> None:
    kept = late(*listed(2), *B_SENT, *off, paid("captured", 9, "c", 150))
    assert (kept["order"]["current_total"], kept["stalled"]) == ("50", ["payment_account.amount_refunded"])
    given = late(*listed(2), *B_SENT, *off, paid("captured", 9, "c", 150), paid("refunded", 30, "r", 100))
    assert (given["stalled"], attention(given)) == ([], set())


def test_one_line_that_says_cancelled_of_several_pieces_tells_no_price() -> None:
    state = late(*listed(2), *B_SENT, end("cancelled"))
    assert (state["items"]["A"]["status"], state["order"]["current_total"]) == ("cancelled", None)


def test_what_is_left_of_an_order_that_was_cancelled_in_part_is_what_went_out() -> None:
    """Pieces that were not sent by then are cancelled, and nobody waits for them."""
    sent = [request("assigned", 5, "A", "A", "B"), request("items_completed", 10, "A", "A", "B")]
    state = in_any_order(*listed(3), *sent, fact("order.cancelled", clock(20)))
    assert (state["fulfillment_status"], state["order"]["current_total"]) == ("fulfilled", None)
    both = fact("return.processed", clock(30), id="r", items=[{"id": each, "quantity": 1} for each in ("A", "A", "B")])
    assert in_any_order(*listed(3), *sent, both, fact("order.cancelled", clock(20)))["return_status"] == "full"


def test_goods_that_came_back_went_out_whatever_an_end_says() -> None:
    """Then both cannot be true."""
    state = in_any_order(*listed(2), end("complete", "cancelled"), back("r", 30, {"id": "A", "quantity": 2}))
    assert numbers(state) == (2, 0)
    events = ["order.completed", "return.processed"]
    assert contradiction(state, "item_cancelled_and_shipped") == ("A", events)


@pytest.mark.parametrize("event", ["order.shipped", "order.completed"])
def test_a_piece_that_an_end_cancels_did_not_go_out(event: str) -> None:
    sent = request("items_completed", 5, "A", "A", request_id="request-2")
    state = late(*listed(2), *B_SENT, sent, end("complete", "cancelled", event=event), paid("captured", 9, "c", 100))
    assert contradiction(state, "item_cancelled_and_shipped")[0] == "A"
    order = fact("order.cancelled", clock(20), items=[{"id": "A", "quantity": 2, "status": "cancelled"}])
    assert kinds(in_any_order(*listed(2), sent, order)) == ["cancelled_and_shipped"]


@pytest.mark.parametrize(
    "off",
    [
        [cancelled("A", "A", "A"), fact("order.shipped", clock(20), items=items("B", status="complete"))],
        [end("cancelled", "cancelled", "cancelled", event="order.shipped")],
        [end("cancelled", quantity=3, event="order.shipped")],
        [end("cancelled", event="order.shipped")],
    ],
)
def test_of_pieces_that_went_out_although_all_are_cancelled_no_other_is_awaited(off: list[Fact]) -> None:
    told = [*listed(3), *B_SENT, request("items_completed", 5, "A", "A", request_id="request-2"), *off]
    state = late(*told, paid("captured", 9, "c", 150))
    assert (state["status"], state["fulfillment_status"]) == ("completed", "fulfilled")
    assert (kinds(state), state["order"]["current_total"]) == (["item_cancelled_and_shipped"], None)
    both = in_any_order(*told, back("r", 30, {"id": "A", "quantity": 2}, {"id": "B", "quantity": 1}))
    assert (both["items"]["A"]["status"], both["return_status"]) == ("returned", "full")
