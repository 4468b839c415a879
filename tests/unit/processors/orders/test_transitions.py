"""How statuses move during an order's life, with facts in the order in which they happened."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.orders.apply import apply
from schemas.order_state import FulfillmentStatus, OrderStatus, PaymentStatus, ReturnStatus
from tests.unit.processors.orders.facts import EVERYTHING, Json, attention, in_any_order
from tests.unit.processors.orders.lifecycles import often
from tests.unit.processors.orders.story import Story

pytestmark = pytest.mark.thorough


def moves(lines: str) -> Iterator[tuple[str, ...]]:
    """The transitions that a diagram draws, without the texts at its arrows."""
    for line in lines.splitlines():
        yield tuple(line.partition(" : ")[0].strip().split(" --> "))


BEGINNING = "[*]"
DIAGRAMS = re.compile(r"```mermaid\n---\ntitle: (\w+)\n---\nstateDiagram-v2\n(.*?)```", re.DOTALL)
TEXT = (Path(__file__).parents[4] / "docs" / "order-state.md").read_text()
TRANSITIONS = {title: {*moves(lines)} for title, lines in DIAGRAMS.findall(TEXT)}
"""Where each status may go with one more fact, as the page draws it. For facts as they arrive none of this holds."""
FIRST: Json = dict.fromkeys(TRANSITIONS, BEGINNING)


def test_all_statuses_are_drawn() -> None:
    statuses = {
        "status": OrderStatus,
        "fulfillment_status": FulfillmentStatus,
        "payment_status": PaymentStatus,
        "return_status": ReturnStatus,
    }
    found = {name: {status for move in drawn for status in move} for name, drawn in TRANSITIONS.items()}
    assert found == {name: {*get_args(values), BEGINNING} - {"unknown"} for name, values in statuses.items()}


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
        for name, drawn in TRANSITIONS.items():
            assert state[name] == before[name] or (before[name], state[name]) in drawn, name
        assert (state["missing"], state["contradictions"], attention(state)) == ([], [], set())


def test_every_transition_is_one_that_some_life_makes() -> None:
    """Otherwise the test above would not look at it."""
    left = {(name, *move) for name, drawn in TRANSITIONS.items() for move in drawn}
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
