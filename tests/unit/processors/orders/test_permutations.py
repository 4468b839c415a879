"""The promise of the order state: no order of arrival, no duplication and no chunking changes it."""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.orders.apply import apply
from processors.orders.canonical import EVENT, INSTANT, KEY, position
from processors.orders.fact import Fact
from processors.orders.fold import fold
from processors.orders.row import Row
from schemas.instant import is_time
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import EVERYTHING, Json
from tests.unit.processors.orders.lifecycles import LIVES, LIVES_WITH_CONFLICTS

often = settings(max_examples=200, deadline=None)
ARRIVAL = {"received_at", "source", "first_received_at", "last_received_at"}


def row_after(facts: Sequence[Fact], cuts: Sequence[int] = ()) -> bytes:
    """Return the row after these facts came in chunks cut at these places."""
    row: bytes | None = None
    edges = [0, *sorted({cut % len(facts) for cut in cuts} - {0}), len(facts)]
    for start, end in itertools.pairwise(edges):
        row = apply(row, facts[start:end], EVERYTHING).row
    assert row is not None
    return row


def state_of_row(row: bytes) -> bytes:
    return apply(row, [], EVERYTHING).state


def without_arrival(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_arrival(part) for name, part in value.items() if name not in ARRIVAL}
    return [without_arrival(part) for part in value] if isinstance(value, list) else value


CUTS = st.lists(st.integers(0, 99), max_size=9)


@often
@given(LIVES_WITH_CONFLICTS, CUTS, st.data())
def test_any_permutation_in_any_chunks_gives_the_same_state(
    facts: list[Fact], cuts: list[int], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(facts))
    assert state_of_row(row_after(shuffled, cuts)) == state_of_row(row_after(facts))


@often
@given(LIVES, CUTS, st.data())
def test_any_permutation_without_conflicts_gives_the_same_row(
    facts: list[Fact], cuts: list[int], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(facts))
    assert row_after(shuffled, cuts) == row_after(facts)


@often
@given(LIVES_WITH_CONFLICTS, CUTS, st.data())
def test_any_duplication_gives_the_same_state_arrival_aside(
    facts: list[Fact], cuts: list[int], data: st.DataObject
) -> None:
    again = [
        dataclasses.replace(each, received_at="2030-01-01T00:00:00.000Z", source="7:7")
        for each in data.draw(st.lists(st.sampled_from(facts), max_size=9))
    ]
    deliveries = data.draw(st.permutations([*facts, *again]))
    once = orjson.loads(state_of_row(row_after(facts)))
    repeated = orjson.loads(state_of_row(row_after(deliveries, cuts)))
    assert without_arrival(repeated) == without_arrival(once)


@often
@given(LIVES_WITH_CONFLICTS, CUTS)
def test_applying_again_what_is_known_changes_not_a_byte(facts: list[Fact], cuts: list[int]) -> None:
    applied = apply(row_after(facts, cuts), [], EVERYTHING)
    assert apply(applied.row, facts, EVERYTHING) == applied


@often
@given(LIVES_WITH_CONFLICTS, CUTS)
def test_what_is_folded_step_by_step_is_what_all_facts_amount_to(facts: list[Fact], cuts: list[int]) -> None:
    for arrived in (facts, sorted(facts, key=lambda each: position(each.stored(conflict=False)))):
        row = Row.load(row_after(arrived, cuts))
        said = map(orjson.loads, row.data)
        assert row.folded == fold((kept[EVENT], kept[KEY], data) for kept, data in zip(row.facts, said, strict=True))


@often
@given(LIVES_WITH_CONFLICTS)
def test_every_state_is_a_valid_document_that_lists_every_fact_in_canonical_order(facts: list[Fact]) -> None:
    row = row_after(facts)
    state = OrderState.model_validate_json(state_of_row(row))
    assert state.version == len(facts)
    kept = sorted(Row.load(row).facts, key=position)
    listed = [(entry.event, entry.key, entry.published_at) for entry in state.timeline]
    assert listed == [(each[EVENT], each[KEY], each[INSTANT] if is_time(each[INSTANT]) else None) for each in kept]


@often
@given(LIVES_WITH_CONFLICTS)
def test_the_status_is_what_the_contract_says_in_so_many_words(facts: list[Fact]) -> None:
    state = orjson.loads(state_of_row(row_after(facts)))
    assert state["status"] == status_by_contract(facts)


def status_by_contract(facts: Sequence[Fact]) -> str:
    """Work the status out anew, by the contract's sentences and nothing else."""
    names = {each.event for each in facts}
    last: Json = {}
    for each in sorted(facts, key=lambda each: position(each.stored(conflict=False))):
        holds = {"order.items_on_hold", "order.items_cancelled", "order.items_swapped"}
        if each.event in holds or each.event.startswith("fulfillment_request."):
            last.update((item["id"], each.event) for item in each.data.get("items", []) if "id" in item)
    by_precedence = {
        "cancelled": "order.cancelled" in names,
        "completed": "order.completed" in names,
        "on_hold": "order.items_on_hold" in last.values(),
        "open": "order.opened" in names,
        "created": any(name.startswith("order.") for name in names),
        "unknown": True,
    }
    return next(status for status, holds in by_precedence.items() if holds)
