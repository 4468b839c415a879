"""The promise of the order state: no order of arrival, no duplication and no chunking changes it."""

import itertools
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from random import Random

import orjson
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from processors.orders.apply import apply
from processors.orders.fact import Fact
from schemas.order_state import MethodSums, OrderState
from tests.unit.processors.orders.facts import EVERYTHING, state_of, state_of_row, without_arrival
from tests.unit.processors.orders.lifecycles import LIVES, LIVES_WITH_CONFLICTS, often

SEEDS = st.integers(0, 2**32)
"""Decide how facts arrive. One draw for all: a draw for each step would take longer than the fold."""


def row_after(facts: Sequence[Fact], cuts: Sequence[int] = ()) -> bytes:
    """Return the row after these facts came in chunks cut at these places."""
    row: bytes | None = None
    for start, end in itertools.pairwise([0, *sorted(cuts), len(facts)]):
        if start < end:
            row = apply(row, facts[start:end], EVERYTHING).row
    assert row is not None
    return row


def cut(chances: Random, length: int) -> list[int]:
    """Return some places to cut so many facts at."""
    return [chances.randrange(length) for _ in range(chances.randrange(6))]


def copies(chances: Random, facts: Sequence[Fact]) -> list[Fact]:
    """Return some of the facts, delivered again."""
    again = chances.choices(facts, k=chances.randrange(1, 6))
    return [structs.replace(each, received_at="2030-01-01T00:00:00.000Z", source="7:7") for each in again]


@often
@given(LIVES_WITH_CONFLICTS, SEEDS)
def test_any_permutation_of_facts_in_any_chunks_gives_the_same_document(facts: list[Fact], seed: int) -> None:
    chances = Random(seed)
    shuffled = chances.sample(facts, len(facts))
    arrived = {**state_of_row(row_after(shuffled, cut(chances, len(facts)))), "revision": 0}
    expected = {**state_of(*facts), "revision": 0}
    assert arrived == expected
    assert orjson.dumps(arrived) == orjson.dumps(expected), "its parts are in the same order, too"


@often
@given(LIVES_WITH_CONFLICTS, SEEDS)
def test_any_duplication_of_facts_gives_the_same_document_arrival_aside(facts: list[Fact], seed: int) -> None:
    chances = Random(seed)
    deliveries = [*facts, *copies(chances, facts)]
    chances.shuffle(deliveries)
    arrived = state_of_row(row_after(deliveries, cut(chances, len(deliveries))))
    assert without_arrival(arrived) == without_arrival(state_of(*facts))


@often
@given(LIVES, LIVES_WITH_CONFLICTS)
def test_more_facts_take_no_item_payment_request_or_return_away(facts: list[Fact], more: list[Fact]) -> None:
    row = row_after(facts)
    before, after = state_of_row(row), orjson.loads(apply(row, more, EVERYTHING).state)
    for part in ("items", "payments", "fulfillment_requests", "returns", "refund_requests", "invoices"):
        assert before[part].keys() <= after[part].keys(), part
    for request_id, request in before["fulfillment_requests"].items():
        assert request["items"].keys() <= after["fulfillment_requests"][request_id]["items"].keys()
    assert before["version"] <= after["version"]


@often
@given(LIVES_WITH_CONFLICTS)
def test_every_state_is_a_valid_document_whose_parts_agree(facts: list[Fact]) -> None:
    applied = apply(None, facts, EVERYTHING)
    state = OrderState.model_validate_json(applied.state)
    assert (state.version, state.timeline_count, len(state.timeline)) == (len(facts), len(facts), len(facts))
    assert state.provisional is bool(state.missing)
    counted = {status: count for status, count in state.item_counts.items() if count}
    assert counted == Counter(item.status for item in state.items.values())
    assert (state.payment_status == "none") is (not state.payments)
    for sums in state.payment_sums.values():
        for name in MethodSums.model_fields:
            parts = [Decimal(getattr(each, name)) for each in sums.by_method.values()]
            assert abs(sum(parts, Decimal()) - Decimal(getattr(sums, name))) <= _ROUNDED
    for each in state.contradictions:
        assert each.facts
        assert {entry.source for entry in each.facts} <= {entry.source for entry in state.timeline}
    assert (applied.after.status, applied.after.provisional) == (state.status, state.provisional)


_ROUNDED = Decimal(1_000)
"""How wrong this test's own sums may be: they have 28 digits, and amounts more."""
