"""The checker's own count of pieces: ordered, shipped, cancelled."""

from typing import Any

import pytest

from tests.unit.programs.checker.said import awaited, folded, given_back, kinds, money, of_items, request


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
    ("turns", "shipped"),
    [
        ((2**63 - 1, 2**63 - 2), 5),
        ((1767225600000000000, "1767225600000000001"), 5),
        ((2**63, 2**63 + 1), 3),
        ((-1, -2), 3),
        ((1.5, 2.5), 3),
    ],
)
def test_when_parcels_were_sent_is_a_whole_number_of_63_bits(turns: tuple[Any, Any], shipped: int) -> None:
    said = ("order.opened", {"items": [{"id": "a", "quantity": 5}]})
    sent = zip(turns, (2, 3), strict=True)
    told = [request("items_completed", *"a" * count, logical_timestamp=turn) for turn, count in sent]
    assert folded(said, *told)["items"]["a"]["shipped_quantity"] == shipped


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


@pytest.mark.parametrize(
    ("off", "sent", "back", "contradicts"),
    [
        (["a"], ["a"] * 3, 0, False),
        (["a"], ["a"] * 3, 4, True),
        (["a"], ["a"] * 4, 0, True),
        (["a", "a"], ["a", "a"], 0, False),
        (["a", "a"], ["a", "a"], 3, True),
        (["a", "a"], ["a"] * 3, 0, True),
    ],
)
def test_pieces_that_left_one_by_one_were_not_cancelled(
    off: list[str], sent: list[str], back: int, contradicts: bool
) -> None:
    said = ("order.opened", {"items": [{"id": "a", "quantity": 4}]})
    returned = given_back(lines=({"id": "a", "quantity": back},))
    state = folded(said, request("items_completed", *sent), returned, of_items("items_cancelled", *off))
    assert kinds(state) == ["item_cancelled_and_shipped"] * contradicts
    assert state["fulfillment_status"] == "fulfilled"


@pytest.mark.parametrize(("kind", "fulfilled"), [("gift-wrapping", True), ("shipping", True), ("product", False)])
def test_what_is_paid_for_and_not_sent_is_no_piece(kind: str, fulfilled: bool) -> None:
    lines = [{"id": "a", "quantity": 1}, {"id": "w", "quantity": 1, "item_type": kind}]
    state = folded(("order.opened", {"items": lines}), request("items_completed", "a"), given_back("a"))
    whole = ("fulfilled", "full") if fulfilled else ("partial", "partial")
    assert (state["fulfillment_status"], state["return_status"]) == whole


@pytest.mark.parametrize(("kind", "is_sent"), [("gift-wrapping", False), ("shipping", False), ("product", True)])
def test_what_is_not_sent_by_itself_holds_nothing_and_is_not_suspected(kind: str, is_sent: bool) -> None:
    lines = [{"id": "a", "quantity": 1}, {"id": "w", "quantity": 1, "item_type": kind}]
    head = {"items": lines, "currency": "EUR", "grand_total": 15}
    paid = money("authorized", ("p", 15)), money("captured", ("c", 10))
    life = [("order.created", head), ("order.opened", head), *paid, request("assigned", "a")]
    life.append(request("items_completed", "a"))
    assert folded(*life, of_items("items_on_hold", "a", "w"))["status"] == ("on_hold" if is_sent else "open")
    assert ("payment_account.amount_captured" in awaited(*life)) != is_sent
    ended = folded(*life, of_items("completed", "a", "w", status="complete", fulfillment_location_id="store"))
    assert ended["suspected"] == ["fulfillment_request.items_completed:w"] * is_sent


@pytest.mark.parametrize(("kind", "is_goods"), [("gift-wrapping", False), ("shipping", False), ("product", True)])
def test_what_the_list_calls_no_goods_is_none_in_a_return(kind: str, is_goods: bool) -> None:
    said = ("order.opened", {"items": [{"id": "w", "quantity": 1, "item_type": kind}]})
    state = folded(said, of_items("cancelled", "w"), given_back(lines=({"id": "w", "item_type": "product"},)))
    assert state["items"]["w"]["status"] == ("returned" if is_goods else "cancelled")
    assert kinds(state) == ["cancelled_and_shipped"] * is_goods


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
