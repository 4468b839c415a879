"""What cannot all be true stands side by side."""

import dataclasses

import pytest

from processors.orders.fact import Fact
from tests.unit.processors.orders.facts import Json, clock, fact, items, request, state_of

CANCELLED = fact("order.cancelled", clock(4), items=items("A"))
COMPLETED = fact("order.completed", clock(3), items=items("A"))


def kinds(state: Json) -> list[str]:
    return [each["kind"] for each in state["contradictions"]]


@pytest.mark.parametrize(
    "proof",
    [
        request("items_completed", 2, "A"),
        fact("order.shipped", clock(2)),
        fact("return.processed", clock(9), items=items("A")),
        fact("order.completed", clock(3), items=items("A", status="complete")),
    ],
)
def test_cancelled_and_completed_contradict_each_other_once_anything_was_shipped(proof: Fact) -> None:
    completed = [] if proof.event == COMPLETED.event else [COMPLETED]
    state = state_of(proof, *completed, CANCELLED)
    assert kinds(state) == ["cancelled_and_completed"]
    assert [each["event"] for each in state["contradictions"][0]["facts"]] == ["order.completed", "order.cancelled"]


def test_cancelled_and_completed_agree_if_nothing_was_shipped() -> None:
    assert kinds(state_of(COMPLETED, CANCELLED, request("assigned", 1, "A"))) == []


def test_shipped_and_cancelled_alone_is_no_contradiction() -> None:
    assert kinds(state_of(CANCELLED, request("items_completed", 2, "A"))) == []


def test_conflicting_payloads_stand_side_by_side_and_both_are_folded() -> None:
    first = request("items_completed", 2, "A")
    other = dataclasses.replace(request("items_completed", 2, "B"), conflict=True)
    state = state_of(first, other)
    assert kinds(state) == ["conflicting_payloads"]
    facts = state["contradictions"][0]["facts"]
    assert {each["payload_hash"] for each in facts} == {first.payload_hash, other.payload_hash}
    assert {each["key"] for each in facts} == {first.key}
    assert {item["status"] for item in state["items"].values()} == {"complete"}
    assert len(state["items"]) == state["version"] == len(state["timeline"]) == 2


def test_a_conflict_is_noticed_even_where_dedupe_no_longer_knew_the_key() -> None:
    first, other = request("items_completed", 2, "A"), request("items_completed", 2, "B")
    assert kinds(state_of(first, other)) == ["conflicting_payloads"]
    assert state_of(first, other)["contradictions"] == state_of(other, first)["contradictions"]


def test_a_conflict_with_a_fact_of_another_order_stands_alone() -> None:
    lonely = dataclasses.replace(request("items_completed", 2, "A"), conflict=True)
    state = state_of(lonely, request("items_completed", 3, "B"))
    assert [len(each["facts"]) for each in state["contradictions"]] == [1]


def test_of_two_returns_under_one_id_the_later_counts() -> None:
    opened = fact("order.opened", clock(0), items=items("A", quantity=2))
    one = fact("return.processed", clock(5), id="return-1", items=items("A", quantity=1))
    two = fact("return.processed", clock(6), id="return-1", items=items("A", quantity=2))
    assert state_of(opened, two, one)["items"]["A"]["returned_quantity"] == 2
