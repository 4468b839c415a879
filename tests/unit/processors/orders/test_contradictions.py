"""Facts that cannot all be true stand side by side."""

from collections.abc import Iterator
from operator import attrgetter

import pytest
from msgspec import structs

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import (
    Json,
    back,
    clock,
    contradiction,
    fact,
    in_any_order,
    items,
    kinds,
    paid,
    payload_hash,
    pieces,
    request,
    state_of,
)

OPENED = fact("order.opened", clock(0), items=items("A", "B", quantity=1))
DONE = request("items_completed", 2, "A")
COMPLETED = fact("order.completed", clock(3))
CANCELLED = fact("order.cancelled", clock(4), items=items("A"))
PROOFS = [
    DONE,
    fact("order.shipped", clock(2), items=items("A")),
    back("r", 9, pieces("A")),
    fact("order.completed", clock(3), items=items("A", status="complete")),
]


def in_turn(*facts: Fact) -> Iterator[str]:
    """Names of events, in canonical order."""
    return (each.event for each in sorted(facts, key=attrgetter("place")))


@pytest.mark.parametrize("proof", PROOFS)
def test_cancelled_and_completed_contradict_each_other_once_anything_was_shipped(proof: Fact) -> None:
    completed = [] if proof.event == COMPLETED.event else [COMPLETED]
    state = in_any_order(OPENED, proof, *completed, CANCELLED)
    assert kinds(state) == ["cancelled_and_completed"]
    assert contradiction(state, "cancelled_and_completed") == (None, ["order.completed", "order.cancelled"])


SHIPPING = (pieces("ship-line", item_type="shipping"), {"type": "gift-wrapping"})


def test_shipping_and_wrapping_that_are_paid_back_prove_no_parcel() -> None:
    state = in_any_order(OPENED, CANCELLED, back("r", 9, *SHIPPING))
    assert (kinds(state), state["return_status"]) == ([], "partial")
    assert state["order"]["current_total"] == "0"


@pytest.mark.parametrize("lines", [(*SHIPPING, pieces("stranger")), (*SHIPPING, {}), ()])
def test_any_other_return_proves_that_something_went_out(lines: tuple[Json, ...]) -> None:
    """A return that says nothing readable is most likely of goods."""
    assert kinds(in_any_order(OPENED, CANCELLED, back("r", 8, *SHIPPING), back("s", 9, *lines))) == [
        "cancelled_and_shipped"
    ]


def test_all_ends_of_an_order_stand_side_by_side() -> None:
    again = fact("order.cancelled", clock(8), items=items("A", "B"))
    state = in_any_order(OPENED, DONE, COMPLETED, CANCELLED, again)
    assert kinds(state) == ["cancelled_and_completed", "conflicting_payloads"]
    assert contradiction(state, "cancelled_and_completed")[1] == [COMPLETED.event, CANCELLED.event, CANCELLED.event]


def test_cancelled_and_completed_agree_if_nothing_was_shipped() -> None:
    assert kinds(in_any_order(OPENED, COMPLETED, CANCELLED, request("assigned", 1, "A"))) == []


@pytest.mark.parametrize("proof", PROOFS[:3])
def test_cancelled_and_shipped_contradict_each_other_until_the_order_is_completed(proof: Fact) -> None:
    state = in_any_order(OPENED, proof, CANCELLED)
    assert kinds(state) == ["cancelled_and_shipped"]
    assert contradiction(state, "cancelled_and_shipped") == (None, [*in_turn(proof, CANCELLED)])


def test_of_several_that_prove_a_shipment_the_first_is_shown() -> None:
    state = in_any_order(OPENED, PROOFS[1], request("items_completed", 1, "B"), PROOFS[2], CANCELLED)
    assert contradiction(state, "cancelled_and_shipped")[1] == ["fulfillment_request.items_completed", CANCELLED.event]


def test_where_the_cancellation_itself_says_what_went_out_it_stands_alone() -> None:
    ended = fact("order.cancelled", clock(4), items=items("A", status="complete"))
    assert contradiction(in_any_order(OPENED, ended), "cancelled_and_shipped") == (None, [ended.event])


@pytest.mark.parametrize("proof", PROOFS)
def test_a_shipped_item_that_was_cancelled_contradicts_itself(proof: Fact) -> None:
    """An item can be cancelled only before it is shipped."""
    lost = [fact("order.items_cancelled", clock(second), items=items("A", "B")) for second in (1, 8)]
    other = fact("order.items_cancelled", clock(2), items=items("B"))
    state = in_any_order(OPENED, proof, *lost, other)
    assert kinds(state) == ["item_cancelled_and_shipped"]
    assert contradiction(state, "item_cancelled_and_shipped") == ("A", [*in_turn(lost[0], proof, lost[1])])
    assert lost[0].key != lost[1].key
    assert {each.key for each in lost} < {each["key"] for each in state["contradictions"][0]["facts"]}
    assert (state["items"]["A"]["status"] in ("complete", "returned"), state["items"]["B"]["status"]) == (
        True,
        "cancelled",
    )


@pytest.mark.parametrize("proof", [DONE, fact("order.shipped", clock(2), items=items("A")), back("r", 9, pieces("A"))])
def test_a_shipped_item_that_the_end_of_its_order_calls_cancelled_contradicts_itself(proof: Fact) -> None:
    ended = fact("order.completed", clock(3), items=[*items("A", status="cancelled"), *items("B", status="cancelled")])
    state = in_any_order(OPENED, proof, ended)
    assert contradiction(state, "item_cancelled_and_shipped") == ("A", [*in_turn(proof, ended)])
    assert kinds(state) == ["item_cancelled_and_shipped"]
    lost = fact("order.items_cancelled", clock(1), items=items("A"))
    both = in_any_order(OPENED, proof, ended, lost)
    assert contradiction(both, "item_cancelled_and_shipped") == ("A", [*in_turn(lost, proof, ended)])


def test_so_does_one_that_its_shipment_calls_cancelled() -> None:
    shipped = fact("order.shipped", clock(3), items=[*items("A", status="cancelled"), *items("B")])
    state = in_any_order(OPENED, DONE, shipped)
    assert contradiction(state, "item_cancelled_and_shipped") == ("A", [DONE.event, "order.shipped"])
    assert kinds(in_any_order(OPENED, shipped)) == []


def test_the_same_piece_returned_twice_does_not_pass_in_silence() -> None:
    """It is refunded twice, most likely."""
    first, second = back("r1", 5, pieces("A")), back("r2", 6, pieces("A"))
    other = back("r3", 7, pieces("B"))
    state = in_any_order(OPENED, request("items_completed", 2, "A", "B"), first, second, other)
    assert state["items"]["A"]["returned_quantity"] == 2
    assert kinds(state) == ["returned_more_than_ordered"]
    assert contradiction(state, "returned_more_than_ordered") == ("A", ["return.processed"] * 2)
    assert [each["key"] for each in state["contradictions"][0]["facts"]] == [first.key, second.key]


def test_as_many_returned_as_ordered_is_none() -> None:
    opened = fact("order.opened", clock(0), items=items("A", quantity=2))
    assert kinds(in_any_order(opened, back("r1", 5, pieces("A")), back("r2", 6, pieces("A")))) == []


def test_conflicting_payloads_stand_side_by_side_and_both_count() -> None:
    first = request("items_completed", 2, "A")
    other = structs.replace(request("items_completed", 2, "B"), conflict=True)
    state = in_any_order(first, other)
    assert kinds(state) == ["conflicting_payloads"]
    [found] = state["contradictions"]
    assert found["subject"] is None
    assert {each["payload_hash"] for each in found["facts"]} == {payload_hash(first), payload_hash(other)}
    assert {each["key"] for each in found["facts"]} == {first.key}
    assert {item["status"] for item in state["items"].values()} == {"complete"}
    assert len(state["items"]) == state["version"] == state["timeline_count"] == 2


def test_a_conflict_is_noticed_even_where_dedupe_no_longer_knew_the_key() -> None:
    first, other = request("items_completed", 2, "A"), request("items_completed", 2, "B")
    assert kinds(state_of(first, other)) == ["conflicting_payloads"]
    assert state_of(first, other)["contradictions"] == state_of(other, first)["contradictions"]


def test_a_fact_whose_key_another_order_has_too_contradicts_nothing_whichever_came_first() -> None:
    first = request("items_completed", 2, "A")
    for known in (first, structs.replace(first, conflict=True)):
        state = in_any_order(known, request("items_completed", 3, "B"))
        assert state["contradictions"] == []
        assert len(state["timeline"]) == 2


def test_each_conflict_has_an_entry_of_its_own() -> None:
    rivals = [request("items_completed", second, item_id) for second in (2, 3) for item_id in "AB"]
    state = in_any_order(*rivals)
    assert kinds(state) == ["conflicting_payloads"] * 2
    assert sorted(len(each["facts"]) for each in state["contradictions"]) == [2, 2]


def test_a_transaction_named_thrice_is_one_contradiction_with_all_its_facts() -> None:
    facts = [
        fact(
            "payment_account.amount_captured",
            clock(second),
            transactions=[{"id": "t1", "amount": amount, "currency": "EUR"}, {"id": f"t{second}", "amount": 1}],
        )
        for second, amount in ((2, 5), (3, 5), (4, 6))
    ]
    state = in_any_order(*facts, paid("refunded", 5, "t1", 99))
    assert kinds(state) == ["conflicting_transactions"]
    assert contradiction(state, "conflicting_transactions")[0] == "captured:t1"
    assert [each["key"] for each in state["contradictions"][0]["facts"]] == [each.key for each in facts]


def test_an_ordinary_order_has_none() -> None:
    facts = [OPENED, request("assigned", 1, "A", "B"), DONE, COMPLETED, back("r", 9, pieces("A"))]
    assert in_any_order(*facts)["contradictions"] == []
