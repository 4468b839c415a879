"""The order of facts: in the timeline, and in which they count."""

import pytest

from processors.orders.fact import Fact
from schemas.events import EVENT_NAMES
from schemas.routing import aggregate_of
from tests.unit.processors.orders.facts import ORDER_ID, clock, fact, payload_hash, state_of

RANKS = [
    ["order.created"],
    ["payment_account.amount_authorized"],
    ["order.items_swapped"],
    ["order.opened"],
    ["fulfillment_request.assigned"],
    ["order.serial_numbers_added"],
    ["fulfillment_request.items_ready_for_handover"],
    ["fulfillment_request.items_failed"],
    ["order.items_on_hold"],
    ["fulfillment_request.items_completed", "order.shipped"],
    ["order.items_cancelled"],
    ["invoice.created"],
    ["payment_account.amount_captured", "payment_account.amount_voided"],
    ["order.cancelled", "order.completed"],
    ["refund_request.issued", "return.processed"],
    ["payment_account.amount_refunded"],
    ["fulfillment_request.aaa", "order.aaa", "return.aaa"],
]


def in_order(*facts: Fact) -> list[tuple[str, str]]:
    """Return event and key of each entry of the timeline."""
    return [(entry["event"], entry["key"]) for entry in state_of(*facts)["timeline"]]


def named(*facts: Fact) -> list[tuple[str, str]]:
    """Return event and key of each fact."""
    return [(each.event, each.key) for each in facts]


def test_fractions_of_different_length_compare_as_times() -> None:
    times = ["2024-05-01T10:00:00Z", "2024-05-01T10:00:00.45Z", "2024-05-01T10:00:00.5Z", "2024-05-01T10:00:01Z"]
    facts = [fact("order.items_on_hold", at) for at in times]
    assert in_order(*reversed(facts)) == named(*facts)


def test_what_has_no_time_comes_first_and_then_by_rank() -> None:
    cancelled = fact("order.cancelled", "whenever")
    created = fact("order.created", None)
    opened = fact("order.opened", "0001-01-01T00:00:00Z")
    assert in_order(opened, cancelled, created) == named(created, cancelled, opened)


def test_of_one_instant_the_rank_decides_then_the_name() -> None:
    facts = [fact(name) for names in RANKS for name in names]
    assert in_order(*reversed(facts)) == named(*facts)[-20:]
    assert in_order(*reversed(facts[:20])) == named(*facts[:20])


def test_every_documented_event_of_an_order_has_a_rank() -> None:
    known = {name for name in EVENT_NAMES if aggregate_of(name) == "orders"}
    assert {name for names in RANKS[:-1] for name in names} == known


def test_of_one_name_the_key_decides_and_then_the_payload() -> None:
    invoices = [fact("invoice.created", id=f"invoice-{n}") for n in range(9)]
    assert in_order(*reversed(invoices)) == named(*invoices)
    rivals = [fact("invoice.created", id="invoice-1", note=n) for n in range(3)]
    one, other = state_of(*rivals), state_of(*reversed(rivals))
    assert one["contradictions"] == other["contradictions"]
    hashes = [each["payload_hash"] for each in one["contradictions"][0]["facts"]]
    assert hashes == sorted(payload_hash(each) for each in rivals)


def test_the_timeline_has_null_for_no_time_and_says_where_each_fact_came_from() -> None:
    state = state_of(
        fact("order.opened", "2024-05-01T10:00:00.5Z", n=1),
        fact("order.created", "2024-05-01T10:00:00Z", n=2),
        fact("order.gift_wrapped", "some day", n=3),
    )
    assert [(entry["event"], entry["published_at"], entry["source"]) for entry in state["timeline"]] == [
        ("order.gift_wrapped", None, "0:3"),
        ("order.created", "2024-05-01T10:00:00Z", "0:2"),
        ("order.opened", "2024-05-01T10:00:00.5Z", "0:1"),
    ]
    assert state["timeline"][1]["key"] == ORDER_ID
    assert state["timeline"][1]["received_at"] == "1970-01-01T00:00:00.002Z"
    assert (state["first_received_at"], state["last_received_at"]) == (
        "1970-01-01T00:00:00.001Z",
        "1970-01-01T00:00:00.003Z",
    )


@pytest.mark.parametrize("count", [1, 19, 20, 21, 45])
def test_the_timeline_has_the_last_twenty_entries_and_their_whole_number(count: int) -> None:
    facts = [fact("invoice.created", clock(n), id=f"invoice-{n:02}") for n in range(count)]
    for arrived in (facts, facts[::-1]):
        state = state_of(*arrived)
        assert [entry["key"] for entry in state["timeline"]] == [each.key for each in facts[-20:]]
        assert (state["timeline_count"], state["version"], len(state["invoices"])) == (count, count, count)


def test_an_event_of_one_entity_counts_by_when_it_happened_and_not_by_when_it_came() -> None:
    first = fact("order.opened", clock(1), channel="early")
    last = fact("order.opened", clock(2), channel="late")
    assert [state_of(*facts)["order"]["channel"] for facts in ((first, last), (last, first))] == ["late", "late"]


@pytest.mark.parametrize(
    "name", ["order.created\x1flate", "order.\x1f\x1f", "order.\x00\n", "fulfillment_request.a\x1fb"]
)
def test_a_name_may_hold_what_places_are_parted_by(name: str) -> None:
    made = fact(name, clock(1))
    [entry] = state_of(made, fact("order.opened", clock(2)))["timeline"][:1]
    assert (entry["event"], entry["key"], entry["published_at"]) == (name, made.key, clock(1))
