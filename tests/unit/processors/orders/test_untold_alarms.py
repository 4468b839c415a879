"""A deployment that is subscribed to some events raises no alarm that one of the others might explain."""

from collections.abc import Sequence
from itertools import combinations
from random import Random
from typing import Any

import pytest

from processors.orders.apply import apply
from processors.orders.fact import Fact
from processors.orders.next_look import upcoming_deadlines
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import render
from processors.orders.row import load
from tests.unit.processors.orders.facts import EVERYTHING, Json, back, clock, fact, items, kinds, pieces, state_of
from tests.unit.processors.orders.story import Story
from tests.unit.processors.orders.test_lifecycles import LIVES
from tests.unit.processors.orders.test_untold import NAMES, PAYMENTS, without
from tests.unit.processors.orders.untold_lives import UNTOLD_LIVES

OPENED, SWAPPED = "order.opened", "order.items_swapped"
HEAD = ("order.created", OPENED)
CANCELS = {"order.cancelled", "order.items_cancelled"}
ENDS = {"order.shipped", "order.completed", *CANCELS}
HANDED_OVER, FAILED = "fulfillment_request.items_completed", "fulfillment_request.items_failed"
_, CAPTURED, REFUNDED, _ = PAYMENTS

LISTED = items("A", quantity=2)
PIECES = [fact(f"order.{event}", clock(n), items=LISTED) for n, event in enumerate(("created", "opened"))]
OFF = fact("order.items_cancelled", clock(4), items=items("A", "A"))
BACK, TWICE = (back(f"r{n}", 8 + n, pieces("A", 2 - n)) for n in range(2))
GUESSES = {"maybe_never_sent"}
"""No alarm: this is told because an event is lacking."""


def awaited(facts: Sequence[Fact], rules: OrderRules = EVERYTHING) -> set[str]:
    """What the order would be stalled for."""
    row = load(apply(None, facts, rules).row)
    row.due = 0  # so that it matters now
    return {*upcoming_deadlines(row, render(row, rules), rules)}


def alarms(facts: Sequence[Fact], rules: OrderRules) -> set[tuple[str, str]]:
    """All that somebody would look at."""
    state: Json = state_of(*facts, rules=rules)
    said = {("attention", f"{each['kind']} {each['subject']}") for each in state["attention"]}
    said |= {("suspected", name) for name in state["suspected"] if name not in GUESSES}
    said |= {("contradiction", kind) for kind in kinds(state)}
    return said | {("awaited", name) for name in awaited(facts, rules)}


def lives() -> list[Any]:
    told = [pytest.param(facts, id=name) for name, facts in UNTOLD_LIVES.items()]
    told += [pytest.param([step for step, _ in steps], id=name) for name, steps in LIVES.items()]
    return told + [pytest.param([*Story(Random(seed)).tell()], id=f"story {seed}") for seed in range(20)]


@pytest.mark.thorough
@pytest.mark.parametrize("facts", lives())
def test_whatever_is_left_out_of_a_life_no_alarm_is_raised_that_the_whole_does_not_raise(facts: list[Fact]) -> None:
    expected, names = alarms(facts, EVERYTHING), sorted({each.event for each in facts} & NAMES)
    for left_out in (*((name,) for name in names), *combinations(names, 2)):
        if part := [each for each in facts if each.event not in left_out]:
            assert alarms(part, without(*left_out)) <= expected, left_out


@pytest.mark.parametrize(
    ("life", "count", "name", "needs"),
    [
        ("cancelled in the grace period", 1, OPENED, {OPENED, *CANCELS}),
        ("sent, as only the shipment says", 4, CAPTURED, {*PAYMENTS, OPENED, *ENDS}),
        ("an even exchange", 4, "order.completed", {OPENED, "order.shipped", "order.completed", "order.cancelled"}),
        ("not fetched, the store failed", 5, f"{HANDED_OVER}:request-1", {HANDED_OVER, FAILED, OPENED, *ENDS}),
        ("charged to a gift card and cancelled", 5, REFUNDED, {*PAYMENTS, HANDED_OVER, OPENED, SWAPPED, *ENDS}),
        ("quantity edited", 8, f"{REFUNDED}:r", {*PAYMENTS}),
    ],
)
def test_nothing_is_awaited_that_an_event_may_have_ended(life: str, count: int, name: str, needs: set[str]) -> None:
    facts = UNTOLD_LIVES[life][:count]
    assert name in awaited(facts)
    assert {each for each in NAMES if name not in awaited(facts, without(each))} == needs


@pytest.mark.parametrize("life", UNTOLD_LIVES)
def test_who_names_all_events_is_told_what_one_is_who_names_none(life: str) -> None:
    facts = UNTOLD_LIVES[life]
    for count in range(1, len(facts) + 1):
        assert awaited(facts[:count], without()) == awaited(facts[:count])
        assert state_of(*facts[:count], rules=without()) == state_of(*facts[:count])


def test_nothing_is_awaited_where_nothing_tells_which_orders_are_imported() -> None:
    for facts in UNTOLD_LIVES.values():
        told = [each for each in facts if each.event not in HEAD]
        assert all(awaited(told[:count], without(*HEAD)) == set() for count in range(1, len(told) + 1))


def test_goods_are_not_suspected_to_be_lost_that_a_shipment_may_tell_of() -> None:
    ended = fact("order.completed", clock(8), items=items("A", status="complete", fulfillment_location_id="store"))
    facts = [*UNTOLD_LIVES["sent, as only the shipment says"][:2], ended]
    said = {name: f"{HANDED_OVER}:A" in state_of(*facts, rules=without(name))["suspected"] for name in NAMES}
    assert {name for name, is_suspected in said.items() if not is_suspected} == {HANDED_OVER, "order.shipped"}
    assert state_of(*facts, rules=without(*HEAD))["suspected"] == []


def test_an_order_is_not_suspected_to_have_no_beginning_where_nobody_hears_of_that() -> None:
    refused = UNTOLD_LIVES["cancelled in the grace period"][2:]
    said = {name: state_of(*refused, rules=without(name))["suspected"] for name in NAMES}
    assert said == {name: [] if name == "order.created" else ["maybe_never_sent"] for name in NAMES}


@pytest.mark.parametrize(
    ("facts", "kind", "needs"),
    [
        ([*PIECES, OFF, BACK], "item_cancelled_and_shipped", {OPENED, HANDED_OVER, "order.shipped", "order.completed"}),
        ([*PIECES, BACK, TWICE], "returned_more_than_ordered", {OPENED}),
    ],
)
def test_pieces_contradict_each_other_only_where_all_that_tells_of_them_comes(
    facts: list[Fact], kind: str, needs: set[str]
) -> None:
    assert kinds(state_of(*facts)) == [kind]
    assert {name for name in NAMES if kinds(state_of(*facts, rules=without(name))) == []} == needs


def test_what_is_captured_is_not_compared_with_a_price_that_may_be_edited() -> None:
    created, authorized, *_, captured, _ = UNTOLD_LIVES["price edited"]
    beyond = [created, authorized, captured]
    assert ("attention", "over_captured EUR") in alarms(beyond, EVERYTHING)
    assert ("attention", "over_captured EUR") in alarms(beyond, without("order.items_swapped"))
    assert ("attention", "over_captured EUR") not in alarms(beyond, without(OPENED))
