"""Events that could not be joined and that raw no longer has: a migration leaves them to the next version."""

from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from bridge.kafka.partitioner import partition_for
from commands.topics.migration.before import Before
from commands.topics.migration.home import untimed
from commands.topics.migration.rebuild import Rebuild
from commands.topics.migration.scratch import Kind, Scratch, place_of
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.table import TABLE
from processors.orders.unprocessed import SOURCE
from tests.unit.commands.topics.migration.rebuilds import orders, settings
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

Table = dict[bytes, bytes | None]
RAW_STARTS = {0: 8}
HOME = partition_for(b"o-1", 6)
OPENED, COMPLETED = (event_record(n, f"order.{name}", id="o-1") for n, name in ((7, "opened"), (9, "completed")))


def process(rows: Table, record: ConsumerRecord, **of: Any) -> FakeUnit:
    unit: Any = FakeUnit([record], rows, **of)
    Orders(TOPICS, OrderRules()).process(unit)
    return unit  # type: ignore[no-any-return]  # a FakeUnit


def refuse(rows: Table, record: ConsumerRecord) -> None:
    unit: Any = FakeUnit([record], rows)
    Orders(TOPICS, OrderRules()).refuse(unit, KeyError("a field"))


def note(scratch: Scratch, rows: Table) -> None:
    """Note rows that an earlier migration moved from partition 2 to partition 1."""
    before = Before(scratch, RAW_STARTS)
    for partition, moved in ((2, False), (1, False), (2, True)):
        values = ((key, None if moved else row) for key, row in rows.items())
        before.note(TABLE, [ConsumerRecord("", partition, 0, 5, 0, key, row, None, 0, 0, ()) for key, row in values])


@pytest.mark.parametrize("source", [None, "0:6", "0:8"], ids=["alone", "beside such a fact", "beside one raw has"])
def test_one_that_raw_no_longer_has_stays_listed_and_the_next_version_joins_it(
    scratch: Scratch, source: str | None
) -> None:
    rows: Table = {}
    if source is not None:
        process(rows, event_record(6, "order.created", id="o-1", source=source))
    refuse(rows, OPENED)
    note(scratch, rows)
    rebuild = Rebuild(settings(), scratch, ())
    rebuild.keep_unprocessed()
    rebuild.fold_kept(RAW_STARTS)
    assert [(place, len(row.unprocessed)) for place, row in orders(scratch).items()] == [(("o-1", HOME), 1)]
    placed_rows = {place_of(key): untimed(row)[1] for key, row in scratch.items(Kind.ORDERS)}
    assert {partition for _, partition in placed_rows} == {HOME}
    kept: Table = {key: row for (key, _), row in placed_rows.items()}
    state = process(kept, event_record(10, "order.created", id="o-2"), partition=HOME).states()[-1]
    assert (state["order_id"], state["unprocessed"]) == ("o-1", [])
    assert [key for key, row in kept.items() if key.startswith(b"unprocessed/") and row is not None] == []


def test_one_that_raw_has_is_left_to_what_raw_says_of_it(scratch: Scratch) -> None:
    """The event comes again, and by the new rules it may be the same event as another."""
    rows: Table = {}
    refuse(rows, OPENED)
    refuse(rows, COMPLETED)
    note(scratch, rows)
    rebuild = Rebuild(settings(), scratch, ())
    rebuild.keep_unprocessed()
    rebuild.fold_kept(RAW_STARTS)
    assert [entry[SOURCE] for row in orders(scratch).values() for entry in row.unprocessed] == ["0:7"]
    kept = [place_of(key) for key, _ in scratch.items(Kind.ORDERS) if key.startswith(b"unprocessed/")]
    assert kept == [(b"unprocessed/0:7", HOME)]
