"""How much of an order went out, piece by piece."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import back, clock, fact, in_any_order, items, pieces, request

OPENED = fact("order.opened", clock(1), items=[*items("A", "B", quantity=1), *items("C", quantity=3)])
DONE = {item_id: request("items_completed", 5, item_id, request_id=f"request-{item_id}") for item_id in "ABC"}


def cancelled(*ids: str) -> Fact:
    """Return the cancellation of some items."""
    return fact("order.items_cancelled", clock(4), items=items(*ids))


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([OPENED], "unfulfilled"),
        ([OPENED, request("assigned", 2, "A", "B", "C")], "unfulfilled"),
        ([OPENED, request("items_ready_for_handover", 2, "A", "B", "C")], "unfulfilled"),
        ([OPENED, request("items_failed", 2, "A", "B", "C")], "unfulfilled"),
        ([OPENED, cancelled("A")], "unfulfilled"),
        ([OPENED, DONE["A"]], "partial"),
        ([OPENED, DONE["A"], DONE["B"]], "partial"),
        ([OPENED, DONE["C"]], "partial"),
        ([OPENED, DONE["A"], cancelled("B")], "partial"),
        ([OPENED, fact("order.shipped", clock(5), items=items("A"))], "partial"),
        ([DONE["A"], DONE["B"], DONE["C"]], "partial"),
        ([OPENED, *DONE.values()], "fulfilled"),
        ([OPENED, DONE["A"], DONE["B"], cancelled("C")], "fulfilled"),
        ([OPENED, DONE["C"], cancelled("A", "B")], "fulfilled"),
        ([OPENED, *DONE.values(), back("r", 9, pieces("A"), pieces("B"), pieces("C", 3))], "fulfilled"),
        ([OPENED, fact("order.shipped", clock(5), items=items("A", "B", "C"))], "fulfilled"),
        ([OPENED, fact("order.completed", clock(5), items=items("A", "B", "C", status="complete"))], "fulfilled"),
        ([OPENED, cancelled("A", "B", "C")], "not_required"),
        ([OPENED, fact("order.cancelled", clock(9))], "not_required"),
    ],
)
def test_the_pieces_that_went_out_are_compared_with_those_that_are_due(facts: list[Fact], status: str) -> None:
    assert in_any_order(*facts)["fulfillment_status"] == status


def test_two_shipped_and_one_cancelled_of_three_is_fulfilled() -> None:
    opened = fact("order.opened", clock(1), items=items("A", "B", "C", quantity=1))
    assert in_any_order(opened, request("items_completed", 5, "A", "B"), cancelled("C"))["fulfillment_status"] == (
        "fulfilled"
    )


def test_replaced_items_are_not_due() -> None:
    created = fact("order.created", clock(0), items=items("A", "X", quantity=1))
    opened = fact("order.opened", clock(1), items=items("A", quantity=1))
    assert in_any_order(created, opened, DONE["A"])["fulfillment_status"] == "fulfilled"


@pytest.mark.parametrize(
    ("facts", "shipped"),
    [
        ([], 0),
        ([request("assigned", 2, "C", "C")], 0),
        ([request("items_failed", 2, "C", "C")], 0),
        ([request("items_completed", 2, "C")], 3),
        ([request("items_completed", 2, "C"), request("items_completed", 3, "C")], 3),
        ([request("items_completed", 2, "C", "C")], 2),
        ([request("items_completed", 2, "C", "C", "C")], 3),
        ([request("items_completed", 2, "C", "C", "C", "C")], 3),
        ([request("items_completed", 2, "C", "C"), request("items_completed", 3, "C", "C")], 3),
        ([request("items_completed", 2, "C", "C"), request("items_completed", 3, "C")], 3),
        ([request("items_completed", 2, "C", "C"), request("items_completed", 2, "C", "C", request_id="r2")], 3),
        ([request("items_completed", 2, "C", "C"), request("items_completed", 2, "C", request_id="r2")], 3),
        ([fact("order.shipped", clock(5), items=items("C"))], 3),
        ([fact("order.completed", clock(5), items=items("C", status="complete"))], 3),
    ],
)
def test_a_request_that_names_an_item_once_means_all_of_it_and_else_so_many_pieces(
    facts: list[Fact], shipped: int
) -> None:
    item = in_any_order(OPENED, *facts)["items"]["C"]
    assert (item["shipped_quantity"], item["quantity"]) == (shipped, 3)


FIVE = fact("order.opened", clock(1), items=items("A", quantity=5))


def shipped_of_five(*facts: Fact) -> tuple[int, str]:
    """Return how many of five pieces went out, and the fulfilment status."""
    state = in_any_order(FIVE, *facts)
    return state["items"]["A"]["shipped_quantity"], state["fulfillment_status"]


def test_parcels_of_one_request_add_up() -> None:
    parcels = [request("items_completed", second, "A", "A") for second in (2, 3)]
    assert shipped_of_five(*parcels) == (4, "partial")
    assert shipped_of_five(*parcels, request("items_completed", 4, "A")) == (5, "fulfilled")


def parcel(second: int, pieces: int, turn: object) -> Fact:
    named = items(*"A" * pieces)
    event = "fulfillment_request.items_completed"
    return fact(event, clock(second), id="request-1", logical_timestamp=turn, items=named)


@pytest.mark.parametrize("turn", [7, None, 2**63, -1, 1.5, "soon"])
def test_events_of_one_logical_timestamp_or_of_none_may_tell_of_the_same_parcel(turn: object) -> None:
    """A conflict has its event's timestamp. An event without one is a second fact when it comes again."""
    told = [parcel(2, 3, turn), parcel(3, 2, turn)]
    assert shipped_of_five(*told) == (3, "partial")
    assert shipped_of_five(*told, request("items_completed", 9, "A")) == (4, "partial")


@pytest.mark.parametrize("turn", [10**18, 1_714_557_600_000_000_000, 2**63 - 1])
@pytest.mark.parametrize("written", [int, str])
def test_a_logical_timestamp_may_count_nanoseconds(turn: int, written: type) -> None:
    assert shipped_of_five(parcel(2, 3, written(turn)), parcel(3, 2, written(turn - 1))) == (5, "fulfilled")
    assert shipped_of_five(parcel(2, 3, written(turn)), parcel(3, 2, written(turn))) == (3, "partial")


def test_an_item_that_any_request_counts_by_pieces_is_not_whole_where_another_names_it_once() -> None:
    two, one = request("items_completed", 2, "A", "A"), request("items_completed", 3, "A", request_id="request-2")
    assert shipped_of_five(two, one) == (3, "partial")
    assert shipped_of_five(one) == (5, "fulfilled")


def test_one_event_a_line_and_an_item_twice_in_one_event_as_newstore_has_both() -> None:
    opened = fact("order.opened", clock(1), items=items("A", quantity=2))
    twice = request("items_completed", 5, "A", "A")
    assert in_any_order(opened, twice)["fulfillment_status"] == "fulfilled"
    once = request("items_completed", 6, "A")
    assert in_any_order(opened, once)["fulfillment_status"] == "fulfilled"
    assert in_any_order(opened, twice, once)["items"]["A"]["shipped_quantity"] == 2


def test_what_came_back_went_out() -> None:
    item = in_any_order(OPENED, back("r", 9, pieces("C", 2)))["items"]["C"]
    assert item["shipped_quantity"] >= item["returned_quantity"] == 2


def test_of_an_item_with_some_pieces_shipped_the_order_is_partial() -> None:
    opened = fact("order.opened", clock(1), items=items("A", quantity=3))
    state = in_any_order(opened, request("items_completed", 5, "A", "A"))
    assert (state["fulfillment_status"], state["items"]["A"]["status"]) == ("partial", "complete")
