"""Whatever turns a partition takes, its rows agree about its orders."""

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import settings

from processors.orders import waiting
from processors.orders.blind import BLIND, BlindReturn
from processors.orders.erasing import erasing
from processors.orders.ids import ids_in
from processors.orders.index import id_keys, list_keys
from processors.orders.next_look import next_look
from processors.orders.older_rows import is_older, load
from processors.orders.render.document import render
from processors.orders.row import RULES_VERSION, Row, Summary
from processors.orders.row import load as load_of_this_version
from processors.orders.table import JUDGED_BY, ORDER, TOTALS_KEY, UNPROCESSED, Due, read_totals
from processors.orders.unjudged import UNJUDGED
from processors.orders.unprocessed import SOURCE
from tests.unit.processors.orders.turns import Partition
from tests.unit.processors.orders.units import TOPICS

IN_SHORT = 3
SEEDS = range(max(10, settings().max_examples // 50))
TURNS = 50
PENDING = b"pending/"
FLAGS = ("provisional", "incomplete", "stalled", "partial_history")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets small orders pass for large ones."""
    monkeypatch.setattr(waiting, "LARGE_BYTES", 1_500)
    monkeypatch.setattr(waiting, "_EACH_BYTES", 300)


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.thorough] if seed >= IN_SHORT else []) for seed in SEEDS]
)
def test_rows_agree_after_every_turn_and_nothing_is_left_over(seed: int) -> None:
    partition, turns = Partition(seed), list[str]()
    for _ in range(TURNS):
        turns.append(partition.take_turn())
        agree(partition, turns)
    settle(partition)
    for order in partition.all_orders():
        partition.change(erasing(order.order_id, TOPICS, partition.rules))
    agree(partition, turns)
    kinds = {key.partition(b"/")[0] for key in left(partition)}
    assert kinds <= {b"gone", b"blind", b"x", b"reached", b"began", b"totals", JUDGED_BY}
    assert not read_totals(partition.rows.get(TOTALS_KEY))


def left(partition: Partition) -> dict[bytes, bytes]:
    return {key: row for key, row in partition.rows.items() if row is not None}


def agree(partition: Partition, turns: list[str]) -> None:
    """Assert that all other rows follow from the rows of orders and blind returns."""
    rows = left(partition)
    orders = {key.removeprefix(ORDER): row for key, row in rows.items() if key.startswith(ORDER)}
    assert {key for key in rows if key.startswith((b"x/", b"by/", b"due/"))} == {*indexed(rows)}, turns
    assert {key for key, state in partition.states.items() if state is not None} == orders.keys(), turns
    waits = Counter(found[0] for key, row in rows.items() if (found := waiting.waiting_of(key, row)))
    assert waits.keys() == {key.removeprefix(PENDING) for key in rows if key.startswith(PENDING)}, turns
    assert waits.keys() | {key.removeprefix(b"full/") for key in rows if key.startswith(b"full/")} <= orders.keys()
    totals = sum((counted(load_of_this_version(row).summary) for row in orders.values()), Counter[str]())
    assert +read_totals(rows.get(TOTALS_KEY)) == totals + Counter(waiting=waits.total()), turns
    for order_id, row in orders.items():
        order = load(row)
        assert all(UNPROCESSED + entry[SOURCE].encode() in rows for entry in order.unprocessed), (turns, order_id)
        assert is_older(row) or is_looked_at(order, partition), (turns, order_id)


def indexed(rows: Mapping[bytes, bytes]) -> Iterator[bytes]:
    """Keys of all rows of the index."""
    for key, row in rows.items():
        if key.startswith(BLIND):
            yield from BlindReturn.read(key, row).keys
        elif key.startswith(ORDER):
            order, order_id = load(row), key.removeprefix(ORDER)
            yield from id_keys(order_id, ids_in(order.slots))
            yield from list_keys(order_id, order.summary.standing if order.summary else {})
            if order.due:
                yield Due(order.due, order_id).key


def counted(summary: Summary | None) -> Counter[str]:
    assert summary is not None
    names = [f"status:{summary.status}", *(flag for flag in FLAGS if getattr(summary, flag))]
    return Counter(names + [f"rules:{RULES_VERSION}"] * (summary.rules == RULES_VERSION))


def is_looked_at(order: Row, partition: Partition) -> bool:
    """Whether it will be looked at in time for what is due next."""
    due, order.due = order.due, 0
    at = next_look(order, render(order, partition.rules), partition.rules)
    return not at or 0 < due <= at


def settle(partition: Partition) -> None:
    """Tick until nothing is left to be done, and assert this."""
    partition.first.received = partition.first.received or partition.now
    for _ in range(2):
        partition.now += 700_000
        for _ in range(30):
            partition.answer()
            unit = partition.unit()
            unit.room = 10 * partition.most
            partition.orders.tick(unit, partition.now)
            partition.commit(unit)
    rows = left(partition)
    assert not [key for key in rows if key.startswith((waiting.WAITING, PENDING, UNJUDGED))]
