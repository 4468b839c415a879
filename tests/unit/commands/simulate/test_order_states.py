"""What the bridge makes of simulated orders: a cause comes before its effect, and nothing contradicts anything."""

import itertools
import random
from collections import Counter

import orjson
import pytest

from commands.simulate.event import Event
from processors.orders.apply import apply
from processors.orders.fact import Fact, fact_of
from schemas.routing import order_id_of
from tests.unit.commands.simulate.retailer import ORDERS, published
from tests.unit.processors.orders.facts import EVERYTHING, TENANT, Json, cleaned

pytestmark = pytest.mark.thorough


def facts_by_order(orders: int) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for number, event in enumerate(published(orders)):
        if (order_id := order_id_of(event.name, event.payload)) is not None:
            fact = fact_of(*cleaned(event.body(TENANT), received_at_ms=number, source=f"0:{number}"))
            assert fact is not None
            found.setdefault(order_id, []).append(fact)
    return found


def state_of(facts: list[Fact]) -> Json:
    state: Json = orjson.loads(apply(None, facts, EVERYTHING).state)
    return state


def test_orders_are_complete_and_without_contradictions() -> None:
    states = [state_of(facts) for facts in facts_by_order(ORDERS).values()]
    assert not [state["contradictions"] for state in states if state["contradictions"]]
    incomplete = [state["missing"] for state in states if state["missing"]]
    assert incomplete == [["order.created"]] * (ORDERS // 100)  # from before the integration
    assert len(Counter(state["status"] for state in states)) == 5


def test_events_are_published_in_the_order_in_which_they_are_folded() -> None:
    """So the timeline reads as it happened, even within a second."""
    for facts in facts_by_order(300).values():
        timeline = [(entry["event"], entry["source"]) for entry in state_of(facts)["timeline"]]
        assert timeline == [(fact.event, fact.source) for fact in facts]


def test_the_order_of_arrival_makes_no_difference() -> None:
    rng = random.Random(1)
    for facts in facts_by_order(300).values():
        expected = state_of(facts)
        rng.shuffle(facts)
        assert state_of(facts) == expected


def test_moments_grow_and_published_at_says_them_unless_the_order_is_old() -> None:
    events = published()
    assert all(a.moment <= b.moment for a, b in itertools.pairwise(events))
    assert {says_when(event) for event in events} == {True, False}
    assert sum(map(says_when, events)) / len(events) > 0.8


def says_when(event: Event) -> bool:
    return event.published_at.strip()[:23] == event.moment.isoformat()[:23].ljust(23, "0")
