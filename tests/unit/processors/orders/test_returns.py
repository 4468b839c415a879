"""Returns, and how much of an order came back."""

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import clock, fact, items, request, state_of

OPENED = fact("order.opened", clock(0), items=[*items("A", quantity=2), *items("B")])


def back(return_id: str, **pieces: int) -> Fact:
    """Return a return of so many pieces of each item."""
    lines = [{"id": item_id, "quantity": count} for item_id, count in pieces.items()]
    return fact("return.processed", clock(9), id=return_id, items=lines)


def test_without_a_return_the_status_is_none() -> None:
    assert state_of(OPENED, request("items_completed", 1, "A"))["return_status"] == "none"


def test_some_pieces_are_partial_all_of_them_full() -> None:
    assert state_of(OPENED, back("r1", A=1))["return_status"] == "partial"
    assert state_of(OPENED, back("r1", A=2))["return_status"] == "partial"
    assert state_of(OPENED, back("r1", A=1), back("r2", A=1, B=1))["return_status"] == "full"


def test_too_many_pieces_of_one_item_do_not_stand_for_another() -> None:
    assert state_of(OPENED, back("r1", A=3))["return_status"] == "partial"


def test_cancelled_items_need_not_come_back() -> None:
    cancelled = fact("order.items_cancelled", clock(1), items=items("B"))
    assert state_of(OPENED, cancelled, back("r1", A=2))["return_status"] == "full"
    assert state_of(OPENED, cancelled, back("r1", A=1, B=1))["return_status"] == "partial"


def test_nothing_is_left_to_return_of_an_order_that_is_all_cancelled() -> None:
    cancelled = fact("order.items_cancelled", clock(1), items=items("A", "B"))
    assert state_of(OPENED, cancelled, back("r1", A=1))["return_status"] == "partial"


def test_before_the_orders_items_are_known_a_return_is_partial() -> None:
    early = [back("r1", A=2, B=1), request("items_completed", 1, "A", "B")]
    assert state_of(*early)["return_status"] == "partial"
    assert state_of(*early, OPENED)["return_status"] == "full"


def test_pieces_under_an_id_the_order_does_not_list_count_for_any_item() -> None:
    swapped = fact("order.items_swapped", clock(1), items=items("C"))
    assert state_of(OPENED, swapped, back("r1", A=2))["return_status"] == "partial"
    assert state_of(OPENED, swapped, back("r1", A=2, C=1))["return_status"] == "full"


def test_a_line_without_quantity_or_id_is_one_piece() -> None:
    opened = fact("order.opened", clock(0), items=items("A", "B"))
    lines = [{"id": "A"}, {"product_id": "product-B"}]
    assert state_of(opened, fact("return.processed", clock(9), items=lines[:1]))["return_status"] == "partial"
    assert state_of(opened, fact("return.processed", clock(9), items=lines))["return_status"] == "full"


def test_a_return_of_nothing_readable_is_partial() -> None:
    assert state_of(OPENED, fact("return.processed", clock(9), items="all"))["return_status"] == "partial"


def test_returns_are_kept_by_id_with_exact_money() -> None:
    returned = fact(
        "return.processed",
        clock(9),
        id="return-1",
        total_refund_amount=97.02,
        return_fee=0,
        currency="USD",
        items=[{"id": "A", "quantity": 1, "refund_amount": 97.02, "return_code": 12}],
    )
    kept = state_of(returned)["returns"]["return-1"]
    assert (kept["total_refund_amount"], kept["return_fee"], kept["currency"]) == ("97.02", "0", "USD")
    assert kept["returned_at"] is None
    assert kept["items"] == [
        {
            "id": "A",
            "product_id": None,
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
    ]


def test_a_return_without_an_id_is_kept_under_its_key() -> None:
    returned = fact("return.processed", id=None, items=items("A"))
    assert list(state_of(returned)["returns"]) == [returned.key]
