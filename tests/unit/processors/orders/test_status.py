"""The order's status: the first row that holds, whatever came first."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import back, clock, fact, in_any_order, items, kinds, paid, pieces, request

CREATED = fact("order.created", clock(0), items=items("A", "B", quantity=1))
OPENED = fact("order.opened", clock(1), items=items("A", "B", quantity=1))
ASSIGNED = request("assigned", 2, "A", "B")
HELD = fact("order.items_on_hold", clock(2), items=items("A"))
DONE = request("items_completed", 3, "A", "B")
COMPLETED = fact("order.completed", clock(5))
CANCELLED = fact("order.cancelled", clock(6), items=items("A", "B"))
GIFT_WRAPPED = fact("order.gift_wrapped", clock(1))


def lost(second: int, *ids: str) -> Fact:
    """Return the cancellation of some items."""
    return fact("order.items_cancelled", clock(second), items=items(*ids))


def shipped(*ids: str) -> Fact:
    """Return the deprecated event that ends an order."""
    return fact("order.shipped", clock(4), items=items(*ids))


def historical(name: str, second: int) -> Fact:
    """Return an imported order's event."""
    return fact(name, clock(second), items=items("A", "B", quantity=1), is_historical=True)


@pytest.mark.parametrize(
    ("facts", "status", "contradictions"),
    [
        # 1
        ([CREATED, OPENED, DONE, COMPLETED, CANCELLED], "completed", ["cancelled_and_completed"]),
        ([OPENED, shipped("A"), COMPLETED, CANCELLED], "completed", ["cancelled_and_completed"]),
        ([OPENED, back("r", 9, pieces("A")), COMPLETED, CANCELLED], "completed", ["cancelled_and_completed"]),
        # 2
        ([CREATED, OPENED, COMPLETED, CANCELLED], "cancelled", []),
        ([CREATED, CANCELLED], "cancelled", []),
        ([CANCELLED], "cancelled", []),
        ([OPENED, HELD, CANCELLED], "cancelled", []),
        ([OPENED, DONE, CANCELLED], "cancelled", ["cancelled_and_shipped"]),
        ([OPENED, shipped("A"), CANCELLED], "cancelled", ["cancelled_and_shipped"]),
        # 3
        ([OPENED, lost(3, "A"), lost(4, "B")], "cancelled", []),
        ([CREATED, lost(3, "A", "B")], "cancelled", []),
        ([OPENED, HELD, lost(3, "A", "B")], "cancelled", []),
        ([OPENED, lost(3, "A", "B"), fact("order.completed", clock(5))], "cancelled", []),
        ([CREATED, fact("order.opened", clock(1), items=items("A")), lost(3, "A")], "cancelled", []),
        # 4
        ([OPENED, ASSIGNED, COMPLETED], "completed", []),
        ([COMPLETED], "completed", []),
        ([OPENED, HELD, COMPLETED], "completed", []),
        ([OPENED, lost(3, "A"), COMPLETED], "completed", []),
        ([shipped("A", "B")], "completed", []),
        ([OPENED, shipped("A", "B")], "completed", []),
        ([OPENED, shipped("A"), lost(3, "B")], "completed", []),
        ([historical("order.created", 0), historical("order.opened", 1), DONE], "completed", []),
        ([historical("order.created", 0), historical("order.opened", 1)], "completed", []),
        # 5
        ([OPENED, HELD], "on_hold", []),
        ([CREATED, HELD], "on_hold", []),
        ([OPENED, HELD, lost(3, "B")], "on_hold", []),
        ([historical("order.opened", 1), HELD], "on_hold", []),
        ([historical("order.opened", 1), fact("order.items_on_hold", clock(2), items=items("C"))], "on_hold", []),
        # 6
        ([OPENED], "open", []),
        ([OPENED, lost(3, "A")], "open", []),
        ([OPENED, shipped("A")], "open", []),
        ([OPENED, DONE], "open", []),
        ([ASSIGNED], "open", []),
        ([DONE], "open", []),
        ([CREATED, request("items_failed", 2, "A")], "open", []),
        ([fact("invoice.created", clock(3))], "open", []),
        ([back("r", 9, pieces("A"))], "open", []),
        ([lost(3, "X"), request("assigned", 2, "Y")], "open", []),
        ([historical("order.opened", 1), ASSIGNED], "open", []),
        # 7
        ([CREATED], "created", []),
        ([CREATED, lost(3, "A")], "created", []),
        ([lost(3, "A", "B")], "created", []),
        ([paid("authorized", 1, "t1", 5)], "created", []),
        ([paid("refunded", 1, "t1", 5)], "created", []),
        ([fact("refund_request.issued", clock(3))], "created", []),
        ([fact("order.serial_numbers_added", clock(3))], "created", []),
        ([CREATED, GIFT_WRAPPED], "created", []),
        ([GIFT_WRAPPED], "unknown", []),
        ([GIFT_WRAPPED, fact("invoice.eaten", clock(3))], "unknown", []),
    ],
)
def test_the_first_row_that_holds_is_the_status(facts: list[Fact], status: str, contradictions: list[str]) -> None:
    state = in_any_order(*facts)
    assert (state["status"], kinds(state)) == (status, contradictions)


def test_an_order_that_was_shipped_and_completed_is_not_cancelled_by_a_late_event() -> None:
    tracked = fact(
        "fulfillment_request.items_completed",
        clock(3),
        id="request-1",
        items=items("A", "B", tracking_code="1Z", carrier="UPS"),
    )
    for second in (4, 9):
        late = fact("order.cancelled", clock(second), items=items("A", "B"))
        state = in_any_order(CREATED, OPENED, ASSIGNED, tracked, COMPLETED, late)
        assert (state["status"], kinds(state)) == ("completed", ["cancelled_and_completed"])
        assert {item["status"] for item in state["items"].values()} == {"complete"}


def test_an_order_whose_items_are_cancelled_one_by_one_does_not_stay_open() -> None:
    first, second = lost(3, "A"), lost(4, "B")
    assert in_any_order(CREATED, OPENED, first)["status"] == "open"
    assert in_any_order(CREATED, OPENED, first, second)["status"] == "cancelled"


def test_without_a_list_no_number_of_cancelled_items_is_the_whole_order() -> None:
    assert in_any_order(request("assigned", 2, "A"), lost(3, "A"))["status"] == "open"


@pytest.mark.parametrize("nothing", [[], None, "all"])
def test_an_order_without_a_readable_item_is_not_cancelled_for_it(nothing: object) -> None:
    assert in_any_order(fact("order.opened", clock(1), items=nothing))["status"] == "open"


@pytest.mark.parametrize(
    "names", [["items_cancelled"], ["items_swapped"], ["serial_numbers_added"], ["items_cancelled", "items_on_hold"]]
)
def test_what_is_published_again_at_another_time_changes_no_status(names: list[str]) -> None:
    """Its key has the instant in it, so it is a second fact."""
    life = [CREATED, OPENED, ASSIGNED, *(fact(f"order.{name}", clock(3), items=items("A")) for name in names)]
    again = [fact(f"order.{name}", clock(30), items=items("A")) for name in names]
    once, twice = in_any_order(*life), in_any_order(*life, *again)
    assert twice["version"] == once["version"] + len(names)
    for field in ("status", "fulfillment_status", "return_status", "items", "item_counts", "contradictions"):
        assert twice[field] == once[field], field
