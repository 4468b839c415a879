"""The checker finds whatever is wrong in an order's state: a field that it does not look at proves nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.programs.checker.names import ORDER_STATE
from tests.unit.programs.checker.topics import HOME, PUBLISHED, RIVALS, STATE, TIMELINE, Records, problems, say

OF_CLOCKS_AND_ARRIVALS = {
    "revision",
    "incomplete",
    "stalled",
    "acknowledged",
    "partial_history",
    "truncated",
    "withheld",
}

MARKS = {"incomplete", "stalled", "acknowledged"}
"""The checker knows what may be in these."""


def paths(document: dict[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    """Every field of the document, its order, customer and item."""
    for name, value in document.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from paths(value, *above, name)


COMPARED = [path for path in paths(STATE) if path[0] not in OF_CLOCKS_AND_ARRIVALS]


def changed(path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The correct state, except for this field."""
    state: dict[str, Any] = json.loads(json.dumps(STATE))
    part = state
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return state


@pytest.mark.parametrize("path", [path for path in COMPARED if path[-1] not in {"timeline", "contradictions"}])
def test_it_finds_each_field_that_is_wrong_and_names_it(records: Records, path: tuple[str, ...]) -> None:
    say(records, **changed(path, "something else"))
    assert [problem.split(" is ")[0] for problem in problems(records)] == [f"order-state[{HOME}]@1: {'.'.join(path)}"]


def test_it_finds_a_field_that_is_not_there_and_one_that_no_rule_gives(records: Records) -> None:
    say(records, missing_too=[], items={"i": {**STATE["items"]["i"], "colour": None}})
    assert [problem.partition(": ")[2] for problem in problems(records)] == [
        "items.i.colour is None, not absent",
        "missing_too is [], not absent",
    ]
    records[ORDER_STATE].pop()
    say(records, order={})
    assert any("order.grand_total is absent, not None" in problem for problem in problems(records))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"stalled": ["order.completed"]}, "stalled, or set aside, for what does not come next: ['order.completed']"),
        (
            {"acknowledged": [{"name": "order.completed", "reason": "x", "at": "x"}]},
            "stalled, or set aside, for what does not come next: ['order.completed']",
        ),
        ({"incomplete": True}, "incomplete without anything that is missing"),
    ],
)
def test_marks_for_what_no_order_waits_for_are_found(records: Records, fields: dict[str, Any], problem: str) -> None:
    say(records, partial_history=False, **fields)
    assert [each.partition(": ")[2] for each in problems(records)] == [problem]


def test_an_order_of_before_has_no_marks(records: Records) -> None:
    say(records, partial_history=True, incomplete=True)
    assert any("part of its history may never have been sent" in each for each in problems(records))


@pytest.mark.parametrize("field", sorted(OF_CLOCKS_AND_ARRIVALS - MARKS))
def test_what_follows_from_clocks_and_arrivals_is_not_looked_at(records: Records, field: str) -> None:
    say(records, **{field: "something else"})
    assert problems(records) == []


def test_true_is_not_one(records: Records) -> None:
    say(records, items={"i": {**STATE["items"]["i"], "returned_quantity": False}})
    assert any("items.i.returned_quantity is False, not 0" in problem for problem in problems(records))


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"contradictions": []}, "contradictions is []"),
        ({"contradictions": [{**STATE["contradictions"][0], "subject": "i"}]}, "contradictions is"),
        ({"contradictions": [{**STATE["contradictions"][0], "facts": RIVALS[:1]}]}, "contradictions is"),
        ({"unprocessed": [{"event": "order.opened"}]}, "unprocessed is"),
        ({"returns": {"r": {}}}, "returns.r is {}, not absent"),
        ({"timeline": TIMELINE[::-1]}, "not in the order"),
        ({"timeline": [TIMELINE[0], TIMELINE[2], TIMELINE[1]]}, "not in the order"),
        ({"timeline": [TIMELINE[0] | {"received_at": PUBLISHED}, *TIMELINE[1:]]}, "timeline is not that"),
        ({"timeline": [TIMELINE[0] | {"published_at": None}, *TIMELINE[1:]]}, "timeline is not that"),
        ({"timeline": [*TIMELINE[:2], TIMELINE[2] | {"key": "order-2"}]}, "tell other events apart"),
    ],
)
def test_it_finds_each_list_that_is_wrong(records: Records, said: dict[str, Any], word: str) -> None:
    say(records, **said)
    assert any(word in problem for problem in problems(records)), problems(records)
