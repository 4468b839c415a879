"""Swaps: their payload is not public, so a link is inferred only if there can be just one."""

from typing import Any

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, clock, fact, in_any_order, items, request, statuses

CREATED = fact("order.created", clock(0), items=items("A", "B"))
OPENED = fact("order.opened", clock(5), items=items("A", "C"))


def swapped(*members: Json, second: int = 3, **payload: Any) -> Fact:
    """Return a swap in the grace period."""
    if members:
        payload["items"] = list(members)
    return fact("order.items_swapped", clock(second), **payload)


def links(state: Json) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Return what each linked item says of its swap."""
    said = {key: (item["replaced_by"], item["replaces"], item["swap"]) for key, item in state["items"].items()}
    return {key: link for key, link in said.items() if any(link)}


@pytest.mark.parametrize(
    "swap",
    [
        swapped({"id": "B", "product_id": "product-C", "new_item_id": "C"}),
        swapped({"id": "C", "replaced_item_id": "B"}),
        swapped({"sales_order_item_uuid": "B", "new_sales_order_item_uuid": "C", "product_id": "product-C"}),
        swapped(old_item_id="B", new_item_uuid="C"),
    ],
)
def test_a_swap_links_the_item_that_left_to_the_one_that_came(swap: Fact) -> None:
    state = in_any_order(CREATED, swap, OPENED)
    assert statuses(state) == {"A": "pending", "B": "replaced", "C": "pending"}
    assert links(state) == {"B": ("C", None, "inferred"), "C": (None, "B", "inferred")}


def test_a_swap_replaces_a_listed_item_before_the_order_is_opened() -> None:
    swap = swapped({"id": "B", "new_item_id": "C"})
    state = in_any_order(CREATED, swap, request("assigned", 6, "C"))
    assert statuses(state) == {"A": "pending", "B": "replaced", "C": "in_fulfillment"}
    assert links(state) == {"B": ("C", None, "inferred"), "C": (None, "B", "inferred")}


def test_a_swap_after_the_order_was_opened_replaces_an_item_of_its_list() -> None:
    opened = fact("order.opened", clock(1), items=items("A", "B"))
    swap = swapped({"id": "B", "new_item_id": "C"})
    state = in_any_order(CREATED, opened, swap, request("assigned", 6, "C"))
    assert (statuses(state)["B"], links(state)["B"]) == ("replaced", ("C", None, "inferred"))


@pytest.mark.parametrize(
    "swap",
    [
        swapped({"id": "B"}),
        swapped({"id": "B", "new_item_id": "of no known item"}),
        swapped({"id": "B", "new_item_id": "C", "other_item_id": "D"}),
        swapped({"id": "B", "old_item_id": "A", "new_item_id": "C"}),
        swapped({"id": "B", "note": "C"}),
        swapped({"id": "C"}, {"id": "B"}),
        swapped("B", "C"),  # type: ignore[arg-type]  # an odd shape
    ],
)
def test_what_could_be_linked_in_two_ways_or_in_none_is_not_linked(swap: Fact) -> None:
    handled = request("assigned", 6, "C", "D")
    state = in_any_order(CREATED, swap, handled)
    assert links(state) == {}
    assert statuses(state) == {"A": "pending", "B": "pending", "C": "in_fulfillment", "D": "in_fulfillment"}


def test_a_swapped_item_that_was_shipped_all_the_same_is_complete() -> None:
    state = in_any_order(CREATED, swapped({"id": "B", "new_item_id": "C"}), OPENED, request("items_completed", 6, "B"))
    assert statuses(state)["B"] == "complete"


def test_without_links_only_the_ids_that_a_swap_names_are_certain() -> None:
    swap = swapped(*items("C"), old_items=items("A"))
    assert statuses(in_any_order(CREATED, swap)) == {"A": "pending", "B": "pending", "C": "pending"}


def test_each_member_of_a_swap_is_a_swap_of_its_own() -> None:
    opened = fact("order.opened", clock(5), items=items("C", "D"))
    swap = swapped({"id": "A", "new_item_id": "C"}, {"id": "B", "new_item_id": "D"})
    state = in_any_order(CREATED, swap, opened)
    assert {key: by for key, (by, _, _) in links(state).items() if by} == {"A": "C", "B": "D"}


def test_a_swap_told_again_after_the_list_turns_nothing_round() -> None:
    early, late = (swapped({"id": "B", "new_item_id": "C"}, second=second) for second in (3, 9))
    state = in_any_order(early, OPENED, late)
    assert links(state) == {"B": ("C", None, "inferred"), "C": (None, "B", "inferred")}
    assert (state["status"], statuses(state)) == ("open", {"A": "pending", "B": "replaced", "C": "pending"})
