"""Since when items are on hold, however many holds there are."""

from collections.abc import Iterable

import pytest

from processors.orders.apply import apply
from processors.orders.canonical import Parts, Place, parts_of
from processors.orders.fact import Fact
from processors.orders.row import Row, load
from processors.worker.queries import holds
from processors.worker.queries.holds import on_hold_since
from tests.unit.processors.orders.facts import EVERYTHING, clock, fact, items

MANY = 50


def row_of(facts: Iterable[Fact]) -> Row:
    return load(apply(None, list(facts), EVERYTHING).row)


@pytest.mark.parametrize("no_time", [None, "soon"])
@pytest.mark.parametrize("first", [0, 1], ids=["it comes first", "it comes last"])
def test_a_hold_that_does_not_say_when_it_was_is_no_beginning(no_time: str | None, first: int) -> None:
    """Its place is before all other holds, and would hide those that do say when they were."""
    told = [fact("order.items_on_hold", at, items=items("A")) for at in (no_time, clock(5), clock(9))]
    row = row_of(told[first:] + told[:first])
    assert on_hold_since(row, ["A"]) == {"A": clock(5)}
    assert on_hold_since(row_of(told[:1]), ["A"]) == {"A": None}


def test_each_hold_is_looked_at_once_however_many_items_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each item went through all holds: 500 items with 5,000 holds blocked a worker for seconds."""
    looked_at = list[Place]()

    def parts(place: Place) -> Parts:
        looked_at.append(place)
        return parts_of(place)

    monkeypatch.setattr(holds, "parts_of", parts)
    ids = [f"item-{number}" for number in range(MANY)]
    row = row_of(
        fact("order.items_on_hold", clock(60 * again + number), items=items(each))
        for again in range(3)
        for number, each in enumerate(ids)
    )
    assert on_hold_since(row, ids) == {each: clock(number) for number, each in enumerate(ids)}
    assert len(looked_at) <= 3 * MANY + MANY
