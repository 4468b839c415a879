"""Missing events: where they must have happened, and until when they might have come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.apply import apply
from processors.orders.deadlines import deadlines
from processors.orders.older_rows import load
from processors.orders.verdict.awaited import due
from processors.worker.console.order.facts import facts_of
from processors.worker.console.order.ghosts import ghosts_of
from schemas.instant import rfc3339_millis
from tests.unit.processors.orders.facts import EVERYTHING, clock, fact, request
from tests.unit.processors.worker.console.told import REFUNDED, SLA, Told, life, of_facts, told

EVENTS = life(REFUNDED, seed=4, lines=(3,))
LOST = ["order.created", "order.opened", "fulfillment_request.assigned"]


def places(of: Told) -> list[tuple[str, int | None, int]]:
    return [
        (ghost.event, ghost.after, ghost.before) for ghost in ghosts_of(facts_of(of.entries, of.state, SLA), of.state)
    ]


def test_nothing_is_missing_of_a_whole_order() -> None:
    assert places(told(EVENTS)) == []


def test_order_created_is_before_everything() -> None:
    assert places(told(EVENTS, lost=["order.created"])) == [("order.created", None, 1)]


def test_order_opened_is_before_what_needs_it() -> None:
    of = told(EVENTS, lost=["order.opened"])
    assert [each["event"] for each in of.entries[:2]] == ["order.created", "payment_account.amount_authorized"]
    assert places(of) == [("order.opened", 1, 3)], "it is published after order.created, not after what happens by then"


def test_an_event_that_it_must_have_followed_and_that_claims_to_be_later_bounds_nothing() -> None:
    of = of_facts([request("items_completed", 3, "A", n=2), fact("order.created", clock(9))])
    assert places(of)[-1] == ("order.opened", None, 1)


@pytest.mark.parametrize("request_id", ["r2", "r 2", "ä/2", "a:b", "50%"])
def test_an_assignment_is_before_its_own_request(request_id: str) -> None:
    """This holds however a key has to write the request's id."""
    of = of_facts(
        [
            fact("order.created", clock(0)),
            fact("order.opened", clock(1), n=1),
            request("assigned", 2, "A", request_id="r1", n=2),
            request("items_completed", 3, "B", request_id=request_id, n=3),
        ]
    )
    assert places(of) == [(f"fulfillment_request.assigned:{request_id}", 2, 4)]
    [ghost] = ghosts_of(facts_of(of.entries, of.state, SLA), of.state)
    assert ghost.entity == request_id
    assert due(ghost.event, of.state) is not None


def test_what_proves_it_may_be_on_another_page() -> None:
    of = told(EVENTS, lost=["order.opened"])
    assert ghosts_of(facts_of(of.entries[:2], of.state, SLA), of.state) == []
    [ghost] = ghosts_of(facts_of(of.entries[2:], of.state, SLA, before=2), of.state)
    assert (ghost.event, ghost.after, ghost.before) == ("order.opened", None, 3)


def test_a_fact_without_logical_timestamp_needs_the_assignment_of_its_request_too() -> None:
    """The fact's key does not name the request. Only the request's last fact is known to need the assignment."""
    of = of_facts(
        [
            fact("order.created", clock(0)),
            fact("order.opened", clock(1), n=1),
            fact("fulfillment_request.items_ready_for_handover", clock(2), n=2, id="fr1", items=[{"id": "A"}]),
            fact("order.items_on_hold", clock(3), n=3, items=[{"id": "B"}]),
            fact("fulfillment_request.items_completed", clock(4), n=4, id="fr1", items=[{"id": "A"}]),
        ]
    )
    assert places(of) == [("fulfillment_request.assigned:fr1", 2, 5)]
    assert due("fulfillment_request.assigned:fr1", of.state) is not None


def test_a_worker_of_before_this_field_says_nothing() -> None:
    of = told(EVENTS, lost=["order.opened"]).but(awaited=None)
    assert places(of) == []
    assert due("order.opened", of.state) is None


@given(st.sets(st.sampled_from(LOST), min_size=1), st.dictionaries(st.integers(0, len(EVENTS) - 1), st.floats(0, 2e5)))
def test_the_deadline_is_the_one_that_decides(lost: set[str], late: dict[int, float]) -> None:
    of = told(EVENTS, late=late, lost=lost)
    row = load(apply(None, of.facts, EVERYTHING).row)
    decided = deadlines(row, of.state.missing, EVERYTHING.late_after_ms)
    assert {name: rfc3339_millis(until) for name, until in decided.items()} == {
        name: due(name, of.state) for name in of.state.missing
    }
