"""The checker's own count of pieces: ordered, shipped, cancelled."""

import pytest

from tests.unit.programs.checker.said import folded, given_back, of_items, request


@pytest.mark.parametrize(
    ("quantity", "named", "shipped"),
    [(3, ["a"], 3), (3, ["a", "a"], 2), (1, ["a", "a"], 1), (None, ["a"], 1), (None, ["a", "a"], 2), (3, [], 0)],
)
def test_pieces_that_were_shipped(quantity: object, named: list[str], shipped: int) -> None:
    said = ("order.opened", {"items": [{"id": "a", "quantity": quantity}]})
    assert folded(said, request("items_completed", *named))["items"]["a"]["shipped_quantity"] == shipped


def test_one_piece_an_event_is_still_the_whole_quantity() -> None:
    said = ("order.opened", {"items": [{"id": "a", "quantity": 3}]})
    handed_over = request("items_completed", "a")
    assert folded(said, handed_over, handed_over)["items"]["a"]["shipped_quantity"] == 3


@pytest.mark.parametrize(
    ("named", "shipped"),
    [([["a", "a"], ["a", "a"]], 4), ([["a", "a"], ["a"]], 3), ([["a"], ["a"]], 5), ([["a"] * 4, ["a"] * 4], 5)],
)
def test_the_parcels_of_a_request_add_up(named: list[list[str]], shipped: int) -> None:
    said = ("order.opened", {"items": [{"id": "a", "quantity": 5}]})
    told = [request("items_completed", *ids, logical_timestamp=turn) for turn, ids in enumerate(named)]
    assert folded(said, *told)["items"]["a"]["shipped_quantity"] == shipped
    untimed = [request("items_completed", "a", "a"), request("items_completed", "a", "a", "a")]
    assert folded(said, *untimed)["items"]["a"]["shipped_quantity"] == 3


@pytest.mark.parametrize(
    ("named", "status", "shipped", "kinds"),
    [(["a"], "complete", 4, ["item_cancelled_and_shipped"]), (["a", "a"], "complete", 2, [])],
)
def test_pieces_that_are_cancelled(named: list[str], status: str, shipped: int, kinds: list[str]) -> None:
    said = ("order.opened", {"items": [{"id": "a", "quantity": 4}], "grand_total": 100})
    state = folded(said, of_items("items_cancelled", *named), request("items_completed", "a"))
    assert (state["items"]["a"]["status"], state["items"]["a"]["shipped_quantity"]) == (status, shipped)
    assert [kind for kind, *_ in state["contradictions"]] == kinds
    assert (state["fulfillment_status"], state["order"]["current_total"]) == (
        "fulfilled",
        None if shipped == 2 else "100",
    )


@pytest.mark.parametrize(("kind", "fulfilled"), [("gift-wrapping", True), ("shipping", True), ("product", False)])
def test_what_is_paid_for_and_not_sent_is_no_piece(kind: str, fulfilled: bool) -> None:
    lines = [{"id": "a", "quantity": 1}, {"id": "w", "quantity": 1, "item_type": kind}]
    state = folded(("order.opened", {"items": lines}), request("items_completed", "a"), given_back("a"))
    whole = ("fulfilled", "full") if fulfilled else ("partial", "partial")
    assert (state["fulfillment_status"], state["return_status"]) == whole


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        (["complete", "cancelled"], "complete"),
        (["returned", "cancelled"], "complete"),
        (["pending", "cancelled"], "pending"),
        (["cancelled", "cancelled"], "cancelled"),
    ],
)
def test_a_line_for_each_piece(stated: list[str], status: str) -> None:
    lines = [{"id": "a", "quantity": 1, "status": each} for each in stated]
    for said in (lines, lines[::-1]):
        item = folded(("order.completed", {"items": said}))["items"]["a"]
        assert (item["status"], item["quantity"]) == (status, 2)


@pytest.mark.parametrize(("named", "total"), [(["a", "a"], "10"), (["a"], None)])
def test_what_is_left_of_the_price_where_each_piece_is_named(named: list[str], total: str | None) -> None:
    line = {"list_price": 10, "tax": 0, "item_discounts": 0, "order_discounts": 0}
    lines = [{"id": "a", "quantity": 2, **line}, {"id": "b", "quantity": 1, **line}]
    said = ("order.opened", {"items": lines, "grand_total": 30, "currency": "EUR", "price_method": "tax_included"})
    assert folded(said, of_items("items_cancelled", *named))["order"]["current_total"] == total
