"""Until when a missing event may still come."""

import pytest

from processors.orders.apply import apply
from processors.orders.deadlines import deadlines
from processors.orders.fact import Fact
from processors.orders.row import load
from tests.unit.processors.orders.facts import EVERYTHING, clock, fact, items

MINUTE, HOUR = 60_000, 3_600_000
START = 1_714_557_600_000
"""`clock(0)` in milliseconds."""
SLA = 15 * MINUTE
CREATED, OPENED, ASSIGNED = "order.created", "order.opened", "fulfillment_request.assigned"


def found(*facts: Fact, late_after_ms: int = SLA) -> dict[str, int]:
    """Deadlines of the events that an order with these facts misses, in ms after the start."""
    applied = apply(None, facts, EVERYTHING)
    row = load(applied.row)
    names = [CREATED, OPENED, *(f"{ASSIGNED}:{each}" for each in row.slots.requests)]
    return {name: at - START for name, at in deadlines(row, names, late_after_ms).items()}


def at(received: int) -> int:
    """The time of receipt, as `fact` takes it."""
    return START + received


def test_what_a_prompt_event_needs_is_late_after_the_sla() -> None:
    assert found(fact("order.items_cancelled", clock(0), n=at(2_000))) == {CREATED: 2_000 + SLA}


@pytest.mark.parametrize(
    ("delay", "allowed"),
    [
        (-1, SLA + 1),
        (-HOUR, SLA + HOUR),
        (-24 * HOUR, SLA + 24 * HOUR),
        (-900 * HOUR, SLA + 24 * HOUR),
        (SLA - 1, SLA),
        (SLA + 1, SLA + 1),
        (3 * HOUR, 3 * HOUR),
        (24 * HOUR, 24 * HOUR),
        (25 * HOUR, 24 * HOUR),
        (900 * HOUR, 24 * HOUR),
    ],
)
def test_what_a_late_event_needs_may_be_as_late_up_to_a_day(delay: int, allowed: int) -> None:
    """After an outage the whole stream is hours late. An event that was received before it was published came by a
    clock that is behind, and counts as prompt. Its time of publishing is believed for a day ahead at most."""
    assert found(fact("order.items_cancelled", clock(0), n=at(delay))) == {CREATED: delay + allowed}


def test_a_longer_sla_than_a_day_counts() -> None:
    made = fact("order.items_cancelled", clock(0), n=at(900 * HOUR))
    assert found(made, late_after_ms=48 * HOUR) == {CREATED: 948 * HOUR}


def test_an_event_that_was_published_at_no_time_is_prompt() -> None:
    assert found(fact("order.items_cancelled", "soon", n=at(5))) == {CREATED: 5 + SLA}


def test_the_earliest_of_the_facts_that_need_it_counts_whatever_their_order() -> None:
    facts = [
        fact("order.items_cancelled", clock(0), n=at(8 * HOUR)),  # received last, under way for long
        fact("order.completed", clock(59), n=at(2 * HOUR), items=items("A")),
        fact("order.items_on_hold", clock(58), n=at(MINUTE), items=items("A")),
    ]
    expected = {CREATED: MINUTE + SLA, OPENED: 4 * HOUR - 59_000}
    assert found(*facts) == found(*reversed(facts)) == expected


def test_a_later_fact_may_be_due_sooner() -> None:
    slow = fact("order.items_cancelled", clock(0), n=at(5 * HOUR))
    prompt = fact("order.completed", "2024-05-01T15:59:00Z", n=at(6 * HOUR))
    assert found(slow, prompt)[CREATED] == 6 * HOUR + SLA


@pytest.mark.parametrize(
    "event", ["order.items_cancelled", "order.items_swapped", "order.items_on_hold", "return.processed"]
)
def test_what_happens_in_the_grace_period_needs_no_opened_order(event: str) -> None:
    assert OPENED not in found(fact(event, clock(0), n=at(0)))


def test_a_request_needs_its_own_assignment_only() -> None:
    first = fact("fulfillment_request.items_failed", clock(0), n=at(MINUTE), id="r-1", logical_timestamp=4)
    second = fact("fulfillment_request.items_completed", clock(0), n=at(2 * MINUTE), id="r-1", logical_timestamp=5)
    other = fact("fulfillment_request.items_completed", clock(0), n=at(3 * MINUTE), id="r-2", logical_timestamp=1)
    wanted = {f"{ASSIGNED}:r-1": MINUTE + SLA, f"{ASSIGNED}:r-2": 3 * MINUTE + SLA, OPENED: MINUTE + SLA}
    assert found(first, second, other) == found(other, second, first) == wanted | {CREATED: MINUTE + SLA}


def test_a_request_without_logical_timestamps_is_known_by_its_last_fact() -> None:
    facts = [
        fact(f"fulfillment_request.{name}", clock(second), n=at(second * 1000), id="r")
        for second, name in enumerate(("items_ready_for_handover", "items_completed"))
    ]
    assert found(*facts)[f"{ASSIGNED}:r"] == 1_000 + SLA
