"""Returns: which lines are goods, and how much of an order came back."""

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    Json,
    back,
    clock,
    fact,
    in_any_order,
    items,
    paid,
    pieces,
    request,
    state_of,
)

OPENED = fact("order.opened", clock(0), items=[*items("A", quantity=2), *items("B", quantity=1)])
SHIPPING = pieces("ship-line-1", item_type="shipping", refund_amount=4.95)


def cancelled(*ids: str) -> Fact:
    """Return the cancellation of some items."""
    return fact("order.items_cancelled", clock(1), items=items(*ids))


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([], "none"),
        ([request("items_completed", 1, "A")], "none"),
        ([back("r1", 9)], "partial"),
        ([back("r1", 9, pieces("A"))], "partial"),
        ([back("r1", 9, pieces("A", 2))], "partial"),
        ([back("r1", 9, pieces("A", 3))], "partial"),
        ([back("r1", 9, SHIPPING)], "partial"),
        ([cancelled("B"), back("r1", 9, pieces("A"), SHIPPING)], "partial"),
        ([cancelled("A", "B"), back("r1", 9, SHIPPING)], "partial"),
        ([back("r1", 9, pieces("A", 2), pieces("B"))], "full"),
        ([back("r1", 9, pieces("A")), back("r2", 9, pieces("A"), pieces("B"))], "full"),
        ([cancelled("B"), back("r1", 9, pieces("A", 2))], "full"),
    ],
)
def test_pieces_that_came_back_are_compared_with_those_ordered_and_due(facts: list[Fact], status: str) -> None:
    assert in_any_order(OPENED, *facts)["return_status"] == status


@pytest.mark.parametrize("kind", [{"item_type": "shipping"}, {"item_type": None, "type": "shipping"}])
def test_a_shipping_line_makes_a_return_neither_full_nor_an_item(kind: Json) -> None:
    opened = fact("order.opened", clock(0), items=items("A", "B", quantity=1))
    shipping = {**SHIPPING, **kind}
    state = in_any_order(opened, request("items_completed", 1, "A", "B"), back("r1", 9, pieces("A"), shipping))
    assert (state["return_status"], sorted(state["items"])) == ("partial", ["A", "B"])
    kept = state["returns"]["r1"]
    assert [line["id"] for line in kept["items"]] == ["A"]
    assert [(line["id"], line["refund_amount"]) for line in kept["unmapped"]] == [("ship-line-1", "4.95")]


@pytest.mark.parametrize("kind", ["shipping", "gift-wrapping", "Shipping", "GIFT-WRAPPING "])
def test_a_line_of_no_goods_is_no_piece_even_under_the_id_of_an_item(kind: str) -> None:
    state = in_any_order(OPENED, back("r1", 9, pieces("B", item_type=kind)))
    assert state["items"]["B"]["returned_quantity"] == 0
    assert [line["item_type"] for line in state["returns"]["r1"]["unmapped"]] == [kind]


@pytest.mark.parametrize("kind", ["product", None, "something new"])
def test_a_line_of_any_other_kind_is_goods(kind: str | None) -> None:
    assert in_any_order(OPENED, back("r1", 9, pieces("B", item_type=kind)))["items"]["B"]["returned_quantity"] == 1


@pytest.mark.parametrize(
    "naming",
    [
        fact("order.created", clock(0), items=items("X")),
        fact("order.items_swapped", clock(1), items=items("X")),
        request("assigned", 1, "X"),
        request("items_failed", 1, "X"),
        fact("order.completed", clock(1), items=items("X")),
        fact("order.shipped", clock(1), items=items("X")),
    ],
)
def test_a_line_is_mapped_once_the_list_or_an_event_names_its_item(naming: Fact) -> None:
    returned = back("r1", 9, pieces("X"))
    alone = state_of(returned)
    assert ("X" in alone["items"], len(alone["returns"]["r1"]["unmapped"])) == (False, 1)
    state = in_any_order(naming, returned)
    assert state["items"]["X"]["returned_quantity"] == 1
    assert (len(state["returns"]["r1"]["items"]), state["returns"]["r1"]["unmapped"]) == (1, [])


@pytest.mark.parametrize(
    "naming",
    [
        fact("order.items_cancelled", clock(1), items=items("X")),
        fact("order.items_on_hold", clock(1), items=items("X")),
        fact("invoice.created", clock(1), items=items("X")),
        request("items_teleported", 1, "X"),
    ],
)
def test_no_other_event_makes_a_returned_line_an_item(naming: Fact) -> None:
    kept = in_any_order(OPENED, naming, back("r1", 9, pieces("X")))["returns"]["r1"]
    assert ([line["id"] for line in kept["unmapped"]], kept["items"]) == (["X"], [])


@pytest.mark.parametrize("line", [{}, {"quantity": None}, {"quantity": "some"}, {"quantity": -0.5}])
def test_a_line_without_a_readable_quantity_is_one_piece(line: Json) -> None:
    state = in_any_order(OPENED, back("r1", 9, {"id": "A", **line}))
    assert state["items"]["A"]["returned_quantity"] == 1


@pytest.mark.parametrize("three", [3, -3, "-3", -3.0])
def test_pieces_that_came_back_have_no_sign(three: object) -> None:
    opened = fact("order.opened", clock(0), items=items("A", quantity=3))
    state = in_any_order(opened, back("r1", 9, {"id": "A", "quantity": three}))
    assert (state["return_status"], state["items"]["A"]["returned_quantity"]) == ("full", 3)
    assert [line["quantity"] for line in state["returns"]["r1"]["items"]] == [3]


@pytest.mark.parametrize("unread", ["all", {"A": {"id": "A"}}, ["A"], [["A"]], [None], [{}], 7])
def test_of_lines_that_cannot_be_read_nobody_knows_what_came_back(unread: object) -> None:
    """The return's refund counts all the same."""
    returned = fact("return.processed", clock(9), id="r1", items=unread, total_refund_amount=5, currency="EUR")
    state = in_any_order(OPENED, returned, paid("refunded", 10, "t1", 5, correlation_id="r1"))
    assert state["return_status"] == "unknown"
    kept = state["returns"]["r1"]
    assert (kept["items"], [{*line.values()} for line in kept["unmapped"]]) == ([], [{None}])
    assert (kept["refunded"], kept["refund_outstanding"]) == ("5", "0")
    whole = back("r2", 9, pieces("A", 2), pieces("B"))
    assert in_any_order(OPENED, returned, whole)["return_status"] == "full"


@pytest.mark.parametrize("nothing", [None, "", []])
def test_a_return_that_lists_nothing_is_read(nothing: object) -> None:
    state = in_any_order(OPENED, fact("return.processed", clock(9), id="r1", items=nothing))
    assert (state["return_status"], state["returns"]["r1"]["unmapped"]) == ("partial", [])


@pytest.mark.parametrize("nameless", [None, "", {"of": "odd shape"}])
def test_a_line_without_a_usable_id_is_unmapped(nameless: object) -> None:
    kept = in_any_order(OPENED, back("r1", 9, {"id": nameless, "product_id": "product-B"}))["returns"]["r1"]
    assert [(line["id"], line["product_id"]) for line in kept["unmapped"]] == [(None, "product-B")]


def test_an_item_may_have_several_lines_in_one_return() -> None:
    state = in_any_order(OPENED, back("r1", 9, pieces("A"), pieces("A", return_reason="torn")))
    assert (state["items"]["A"]["status"], state["items"]["A"]["returned_quantity"]) == ("returned", 2)
    assert [line["return_reason"] for line in state["returns"]["r1"]["items"]] == [None, "torn"]


def test_of_two_returns_under_one_id_the_later_counts() -> None:
    one, two = back("r1", 5, pieces("A")), back("r1", 6, pieces("A", 2))
    assert in_any_order(OPENED, one, two)["items"]["A"]["returned_quantity"] == 2


def test_replaced_items_need_not_come_back() -> None:
    created = fact("order.created", clock(0), items=items("A", "X", quantity=1))
    opened = fact("order.opened", clock(1), items=items("A", quantity=1))
    assert in_any_order(created, opened, back("r1", 9, pieces("A")))["return_status"] == "full"


def test_an_item_that_a_request_names_is_due_too() -> None:
    assert (
        in_any_order(OPENED, request("assigned", 1, "X"), back("r1", 9, pieces("A", 2), pieces("B")))["return_status"]
        == "partial"
    )


def test_returns_are_kept_by_id_with_exact_money() -> None:
    returned = back(
        "r1",
        9,
        {"id": "A", "quantity": 1, "refund_amount": 97.02, "return_code": 12},
        returned_at="2018-09-21T21:40:08.633400",
        return_location_id="001",
        total_refund_amount=97.02,
        total_refund_excl_tax=88,
        total_refund_tax=9.02,
        return_fee=0,
        currency="USD",
    )
    assert in_any_order(OPENED, returned)["returns"]["r1"] == {
        "returned_at": "2018-09-21T21:40:08.6334Z",
        "return_location_id": "001",
        "associate_id": None,
        "currency": "USD",
        "total_refund_amount": "97.02",
        "total_refund_amount_adjusted": None,
        "total_refund_excl_tax": "88",
        "total_refund_tax": "9.02",
        "return_fee": "0",
        "items": [
            {
                "id": "A",
                "product_id": None,
                "item_type": None,
                "quantity": 1,
                "refund_amount": "97.02",
                "refund_amount_adjusted": None,
                "refund_excl_tax": None,
                "refund_tax": None,
                "return_reason": None,
                "return_code": "12",
                "item_condition": None,
                "condition_code": None,
            }
        ],
        "unmapped": [],
        "refunded": "0",
        "refund_outstanding": "97.02",
    }


def test_a_return_without_an_id_is_kept_under_its_key() -> None:
    returned = fact("return.processed", id=None, items=items("A"))
    assert list(state_of(returned)["returns"]) == [returned.key]


def test_what_came_back_proves_no_more_than_that_it_was_shipped() -> None:
    opened = fact("order.opened", clock(0), items=items("A", quantity=3))
    state = in_any_order(opened, back("r1", 9, pieces("A")))
    assert (state["items"]["A"]["status"], state["items"]["A"]["shipped_quantity"]) == ("complete", 1)
    assert state["fulfillment_status"] == "partial"


def test_what_came_back_was_shipped_though_fewer_pieces_were_told() -> None:
    two = fact("fulfillment_request.items_completed", clock(1), id="r", items=items("A", "A"))
    opened = fact("order.opened", clock(0), items=items("A", quantity=3))
    for returned, shipped, status in ((1, 2, "partial"), (3, 3, "fulfilled")):
        state = in_any_order(opened, two, back("r1", 9, pieces("A", returned)))
        assert (state["items"]["A"]["shipped_quantity"], state["fulfillment_status"]) == (shipped, status)
