"""How the statuses move while an order lives, facts taken in the order in which they happened."""

from itertools import pairwise
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.apply import apply
from tests.unit.processors.orders.facts import EVERYTHING, Json, attention, in_any_order
from tests.unit.processors.orders.lifecycles import often
from tests.unit.processors.orders.story import Story

pytestmark = pytest.mark.thorough

TRANSITIONS = {
    "status": {
        "created": {"open", "cancelled"},
        "open": {"on_hold", "completed", "cancelled"},
        "on_hold": {"open", "cancelled"},
        "completed": set(),
        "cancelled": set(),
    },
    "fulfillment_status": {
        "unfulfilled": {"partial", "fulfilled", "not_required"},
        "partial": {"fulfilled"},
        "fulfilled": set(),
        "not_required": set(),
    },
    "payment_status": {
        "none": {"authorized"},
        "authorized": {"partially_captured", "captured", "voided"},
        "partially_captured": {"captured", "partially_refunded"},
        "captured": {"partially_captured", "partially_refunded", "refunded"},
        "partially_refunded": {"refunded"},
        "refunded": set(),
        "voided": set(),
    },
    "return_status": {
        "none": {"partial", "full"},
        "partial": {"full"},
        "full": set(),
    },
}
"""Where each status may go with one fact more. Of facts as they arrive nothing of this holds."""

FIRST: Json = {
    "status": "created",
    "fulfillment_status": "unfulfilled",
    "payment_status": "none",
    "return_status": "none",
}


def prefixes(seed: int) -> list[Json]:
    """Return the document after each fact of a life."""
    row: bytes | None = None
    states: list[Json] = []
    for each in Story(Random(seed)).tell():
        applied = apply(row, [each], EVERYTHING)
        row = applied.row
        states.append(orjson.loads(applied.state))
    return states


@often
@given(st.integers(0, 2**32))
def test_each_fact_moves_each_status_only_along_its_transitions(seed: int) -> None:
    for before, state in pairwise([FIRST, *prefixes(seed)]):
        for name, allowed in TRANSITIONS.items():
            assert state[name] == before[name] or state[name] in allowed[before[name]], name
        assert (state["missing"], state["contradictions"], attention(state)) == ([], [], set())


def test_every_transition_is_one_that_some_life_makes() -> None:
    """Otherwise the test above would not look at it."""
    left = {
        (name, first, second)
        for name, transitions in TRANSITIONS.items()
        for first, seconds in transitions.items()
        for second in seconds
    }
    for seed in range(3_000):
        for before, state in pairwise([FIRST, *prefixes(seed)]):
            left -= {(name, before[name], state[name]) for name in TRANSITIONS}
        if not left:
            break
    assert left == set()


@pytest.mark.parametrize("seed", range(20))
def test_a_life_is_the_same_backwards(seed: int) -> None:
    facts = Story(Random(seed)).tell()
    assert in_any_order(*facts)["status"] in ("completed", "cancelled")
