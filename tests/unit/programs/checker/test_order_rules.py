"""The checker's own fold of orders and items, on orders worked out by hand from the rules."""

from typing import Any

import pytest

from tests.unit.programs.checker.said import Said, folded, given_back, kinds, listed, of_items, request, statuses

CREATED, OPENED = listed("created", "a", "b"), listed("opened", "a", "b")
SHIPPED = request("items_completed", "a", "b")
CANCELLED, COMPLETED = of_items("cancelled", "a", "b"), of_items("completed", "a", "b", status="complete")


@pytest.mark.parametrize(
    ("said", "status", "contradictions"),
    [
        ([SHIPPED, CANCELLED, COMPLETED], "completed", ["cancelled_and_completed"]),
        ([COMPLETED, CANCELLED], "completed", ["cancelled_and_completed"]),
        ([SHIPPED, CANCELLED], "cancelled", ["cancelled_and_shipped"]),
        ([CANCELLED], "cancelled", []),
        ([CANCELLED, given_back(lines=({"type": "shipping"},))], "cancelled", []),
        ([CANCELLED, given_back(lines=({"type": "shipping"}, {}))], "cancelled", ["cancelled_and_shipped"]),
        ([CANCELLED, given_back()], "cancelled", ["cancelled_and_shipped"]),
        ([OPENED, SHIPPED, of_items("items_cancelled", "a")], "open", ["item_cancelled_and_shipped"]),
        ([SHIPPED, of_items("completed", "a", status="cancelled")], "completed", ["item_cancelled_and_shipped"]),
        ([SHIPPED, of_items("shipped", "a", status="cancelled")], "completed", ["item_cancelled_and_shipped"]),
        ([of_items("completed", "a", status="cancelled")], "completed", []),
        ([OPENED, of_items("items_cancelled", "a", "b")], "cancelled", []),
        ([OPENED, of_items("items_cancelled", "a")], "open", []),
        ([OPENED, of_items("shipped", "a", "b")], "completed", []),
        ([OPENED, of_items("shipped", "a")], "open", []),
        ([listed("opened", "a", is_historical=True)], "completed", []),
        ([listed("opened", "a", is_historical=True), request("assigned", "a")], "open", []),
        ([listed("opened", "a", is_historical=True), of_items("items_on_hold", "b")], "on_hold", []),
        ([OPENED, of_items("items_on_hold", "a"), request("items_ready_for_handover", "a")], "on_hold", []),
        ([("invoice.created", {"id": "i"})], "open", []),
        ([CREATED], "created", []),
        ([("order.renamed", {})], "unknown", []),
    ],
)
def test_order_status(said: list[Said], status: str, contradictions: list[str]) -> None:
    state = folded(*said)
    assert (state["status"], kinds(state)) == (status, contradictions)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([], "pending"),
        ([request("assigned", "a")], "in_fulfillment"),
        ([request("assigned", "a"), request("items_failed", "a")], "pending"),
        ([request("items_failed", "a"), request("assigned", "a")], "pending"),
        ([request("items_completed", "a"), request("items_failed", "a", of="other")], "complete"),
        ([request("items_completed", "a"), of_items("items_on_hold", "a")], "complete"),
        ([of_items("items_on_hold", "a"), request("items_failed", "a")], "on_hold"),
        ([of_items("items_on_hold", "a"), request("assigned", "a", of="other")], "in_fulfillment"),
        ([request("assigned", "a"), of_items("items_on_hold", "a")], "on_hold"),
        ([of_items("items_on_hold", "a"), of_items("items_cancelled", "a")], "cancelled"),
        ([of_items("items_on_hold", "a"), of_items("completed", "b")], "pending"),
        ([of_items("items_cancelled", "a"), of_items("shipped", "a")], "complete"),
        ([of_items("shipped", "a", status="cancelled")], "cancelled"),
        ([of_items("completed", "a", status="returned")], "complete"),
        ([of_items("completed", "a", status="unheard of")], "pending"),
        ([of_items("cancelled", "a", status="complete")], "cancelled"),
        ([given_back("a")], "returned"),
        ([given_back(lines=({"id": "a", "quantity": 1, "item_type": "shipping"},))], "pending"),
    ],
)
def test_item_status(said: list[Said], status: str) -> None:
    assert statuses(folded(OPENED, *said))["a"] == status


def test_what_fell_out_of_the_list_is_replaced() -> None:
    state = folded(CREATED, listed("opened", "a", "c"))
    assert statuses(state) == {"a": "pending", "b": "replaced", "c": "pending"}
    assert {item for item, known in state["items"].items() if known["ordered"]} == {"a", "c"}


@pytest.mark.parametrize(
    "said",
    [
        [listed("created", "old"), of_items("items_swapped", "new", swapped_item_id="old")],
        [listed("created", "old"), listed("opened", "old"), of_items("items_swapped", "new", swapped_item_id="old")],
        [listed("created", "old"), of_items("items_swapped", "new", any_uuid="old"), listed("opened", "new")],
        [
            listed("created", "old"),
            request("assigned", "new"),
            ("order.items_swapped", {"id": "order", "from_id": "old", "to_uuid": "new"}),
        ],
    ],
)
def test_a_swap_leads_from_the_old_item_to_the_new_one(said: list[Said]) -> None:
    state = folded(*said)
    assert state["items"]["old"] | {"status": "replaced", "replaced_by": "new"} == state["items"]["old"]
    assert state["items"]["new"] | {"replaces": "old", "swap": "inferred"} == state["items"]["new"]


def test_shipping_that_is_paid_back_is_no_item() -> None:
    state = folded(OPENED, given_back("a", lines=({"id": "ship-line-1", "type": "shipping", "refund_amount": 5},)))
    assert (state["return_status"], sorted(state["items"])) == ("partial", ["a", "b"])
    assert [line["refund_amount"] for line in state["returns"]["return"]["unmapped"]] == ["5"]
    assert folded(OPENED, given_back("a"), given_back("b", of="other"))["return_status"] == "full"
    assert folded(given_back("a"))["return_status"] == "partial"
    assert folded(SHIPPED, given_back("a", "b"))["return_status"] == "partial"


def test_a_piece_that_comes_back_twice() -> None:
    state = folded(OPENED, given_back("a"), given_back("b"), given_back("a", of="other"), given_back("a", of="third"))
    returned = {item: known["returned_quantity"] for item, known in state["items"].items()}
    assert returned == {"a": 2, "b": 1}  # of two facts about one return the last counts
    assert state["contradictions"] == [("returned_more_than_ordered", "a", ["0:3", "0:4"])]


def test_an_item_is_where_its_completed_request_is_else_where_the_last_is_that_did_not_fail() -> None:
    requests = [
        request("assigned", "a", "b", of="first", fulfillment_location_id="ONE"),
        request("items_completed", "a", of="second", fulfillment_location_id="TWO"),
        request("assigned", "a", "b", of="third", fulfillment_location_id="THREE"),
        request("items_failed", "a", "b", of="fourth", fulfillment_location_id="FOUR"),
    ]
    items = folded(OPENED, *requests)["items"]
    assert {item: known["fulfillment_location_id"] for item, known in items.items()} == {"a": "TWO", "b": "THREE"}
    assert {item: known["fulfillment_request_id"] for item, known in items.items()} == {"a": "second", "b": "third"}


def test_the_logical_time_decides_between_events_of_one_instant() -> None:
    sent = [request("items_completed", logical_timestamp=9 - place) for place in range(2)]
    for place, (_, payload) in enumerate(sent):
        payload["items"] = [{"id": "a", "tracking_code": f"T{place}"}]
    assert folded(*sent)["items"]["a"]["tracking_code"] == "T1"
    assert folded(*sent, at_once=True)["items"]["a"]["tracking_code"] == "T0"
    del sent[0][1]["logical_timestamp"]
    assert folded(*sent, at_once=True)["items"]["a"]["tracking_code"] == "T1"
    sent.reverse()
    assert folded(*sent, at_once=True)["items"]["a"]["tracking_code"] == "T1"


def test_but_not_between_steps() -> None:
    sent = [
        request(step, "a", logical_timestamp=turn, fulfillment_location_id=step)
        for step, turn in (("items_completed", 2), ("assigned", 9))
    ]
    found = folded(*sent, at_once=True)["fulfillment_requests"]["r"]
    assert found["fulfillment_location_id"] == "items_completed"


def test_of_an_item_the_opened_list_wins_field_by_field() -> None:
    created = ("order.created", {"items": [{"id": "a", "quantity": 3, "product_id": "p", "tax": 1}]})
    opened = ("order.opened", {"items": [{"id": "a", "quantity": None, "product_id": "q"}]})
    item = folded(opened, created)["items"]["a"]
    assert (item["quantity"], item["product_id"], item["tax"]) == (3, "q", "1")


def test_a_shipment_that_was_not_seen_is_suspected() -> None:
    suspected = ["fulfillment_request.items_completed:a", "fulfillment_request.items_completed:b"]
    begun = OPENED, request("assigned", "a", "b")
    assert folded(*begun, COMPLETED)["suspected"] == suspected
    assert folded(*begun, request("items_completed", "a"), COMPLETED)["suspected"] == suspected[1:]
    assert folded(*begun, of_items("shipped", "a", "b"), COMPLETED)["suspected"] == []


def test_what_no_request_ever_had_may_have_been_sent_by_email() -> None:
    ended, from_store = of_items("completed", "a", status="complete"), {"fulfillment_location_id": "store"}
    lost = ["fulfillment_request.items_completed:a"]
    assert folded(OPENED, ended)["suspected"] == []
    assert folded(OPENED, request("assigned", "a"), ended)["suspected"] == lost
    assert folded(OPENED, of_items("completed", "a", status="complete", **from_store))["suspected"] == lost


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([OPENED], "unfulfilled"),
        ([OPENED, request("items_completed", "a")], "partial"),
        ([OPENED, request("items_completed", "a"), of_items("items_cancelled", "b")], "fulfilled"),
        ([OPENED, request("items_completed", "a", "b"), given_back("a", "b")], "fulfilled"),
        ([OPENED, of_items("items_cancelled", "a", "b")], "not_required"),
        ([request("items_completed", "a", "b")], "partial"),
        ([OPENED, request("items_completed", "a", "a")], "partial"),
        ([OPENED, request("assigned", "c"), request("items_completed", "a", "b", "d", "d")], "partial"),
        ([CANCELLED], "unfulfilled"),
    ],
)
def test_fulfillment_status(said: list[Said], status: str) -> None:
    assert folded(*said)["fulfillment_status"] == status


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([request("assigned", "a", "b")], "assigned"),
        ([request("assigned", "a", "b"), request("items_ready_for_handover", "a")], "ready"),
        ([request("assigned", "a", "b"), request("items_completed", "a")], "partially_completed"),
        ([request("items_completed", "a"), request("items_failed", "b")], "completed"),
        ([request("items_failed", "b")], "failed"),
    ],
)
def test_request_status(said: list[Said], status: str) -> None:
    assert folded(*said)["fulfillment_requests"]["r"]["status"] == status


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ([("order.items_cancelled", {})], ["order.created"]),
        ([CREATED, COMPLETED], ["order.opened"]),
        ([CREATED, OPENED, request("items_failed", "a")], ["fulfillment_request.assigned:r"]),
        ([CREATED, OPENED, request("items_failed", "a", service_level="IN_STORE_HANDOVER")], []),
        ([CREATED, ("fulfillment_request.renamed", {"id": "r"})], ["order.opened"]),
        ([listed("opened", "a", is_historical=True), request("items_failed", "a")], []),
    ],
)
def test_missing(said: list[Said], missing: list[str]) -> None:
    state = folded(*said)
    assert (state["missing"], state["provisional"]) == (missing, bool(missing))


PRICED: dict[str, Any] = {"list_price": 10, "item_discounts": 1, "order_discounts": 0.5, "tax": 2, "quantity": 1}


@pytest.mark.parametrize(
    ("priced", "said", "current"),
    [
        (PRICED, {}, "89.5"),
        (PRICED, {"shipping_total": 70, "shipping_tax": 9}, "89.5"),
        (PRICED, {"shipping_total": 89, "discount_total": 13}, "89.5"),
        (PRICED, {"shipping_total": 81, "discount_total": 4}, None),
        (PRICED, {"shipping_total": 5, "discount_total": 13}, None),
        (PRICED, {"discount_total": 13}, "89.5"),
        (PRICED, {"shipping_total": 78}, None),  # nothing says what else makes up 100
        (PRICED, {"price_method": "tax_included"}, None),
        (PRICED, {"price_method": "tax_included", "shipping_total": 83, "shipping_tax": 5}, "91.5"),
        (PRICED | {"list_price": 5, "quantity": 2}, {}, None),
        (PRICED | {"quantity": None}, {}, None),
        (PRICED | {"tax": None}, {"shipping_total": 81}, None),
    ],
)
def test_the_total_without_what_was_cancelled(
    priced: dict[str, Any], said: dict[str, Any], current: str | None
) -> None:
    items = [{"id": "a", **priced}, {"id": "b", **PRICED}]
    head = {"grand_total": 100, "shipping_total": 79, "price_method": "tax_excluded", **said}
    opened = ("order.opened", {"items": items, **head})
    assert folded(opened)["order"]["current_total"] == "100"
    assert folded(opened, of_items("items_cancelled", "a"))["order"]["current_total"] == current


def test_of_a_line_that_stays_the_pieces_are_counted() -> None:
    items = [{"id": "a", **PRICED}, {"id": "b", **PRICED, "quantity": 2}]
    opened = ("order.opened", {"items": items, "grand_total": 31, "price_method": "tax_excluded"})
    assert folded(opened, of_items("items_cancelled", "a"))["order"]["current_total"] == "20.5"
    assert folded(opened, of_items("items_cancelled", "b"))["order"]["current_total"] is None


@pytest.mark.parametrize(
    "odd", [{"id": ""}, {"quantity": 1}, "b", {"id": "a", "quantity": 2}, {"id": "a", "quantity": 1}]
)
def test_a_list_of_which_nobody_can_tell_all_items_is_none_of_all_items(odd: object) -> None:
    opened = ("order.opened", {"items": [{"id": "a", "quantity": 1}, odd], "grand_total": 100})
    state = folded(opened, of_items("items_cancelled", "a"))
    assert (state["status"], state["fulfillment_status"], state["order"]["current_total"]) == (
        "open",
        "unfulfilled",
        None,
    )
    assert folded(listed("created", "a", "b"), opened)["items"]["b"]["status"] == "pending"
    assert folded(opened, request("items_completed", "a"), given_back("a"))["return_status"] == "partial"


def test_how_many_pieces_two_lines_of_a_list_are_it_does_not_say() -> None:
    opened = listed("opened", "a", "a")
    state = folded(opened, request("items_completed", "a", "a"), given_back("a"), given_back("a", of="other"))
    assert (state["items"]["a"]["quantity"], state["items"]["a"]["returned_quantity"]) == (None, 2)
    assert kinds(state) == []
    assert folded(opened, of_items("completed", "a", "a", quantity=1))["items"]["a"]["quantity"] == 2


def test_nothing_is_left_of_the_total_of_an_order_that_is_cancelled_and_never_went_out() -> None:
    opened = listed("opened", "a", grand_total=100)
    assert folded(opened, of_items("cancelled"))["order"]["current_total"] == "0"
    assert folded(opened, of_items("items_cancelled", "a"))["order"]["current_total"] == "0"
    assert folded(opened, request("items_completed", "a"), of_items("cancelled"))["order"]["current_total"] == "100"


def test_what_was_opened_wins_field_by_field() -> None:
    created = listed("created", "a", currency="EUR", external_id="E1", customer_email="ada@example.com")
    order = folded(created, listed("opened", "a", currency="USD", external_id=""))["order"]
    assert (order["currency"], order["external_id"]) == ("USD", "E1")
    assert order["customer"]["customer_email"] == "ada@example.com"
    assert folded(request("assigned", "a"))["order"] == {}
