"""What a rebuild keeps though raw no longer has it, and what it does not bring back."""

import marshal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from bridge.kafka.partitioner import partition_for
from commands.topics.migration.before import Before
from commands.topics.migration.home import Emitted, timed, untimed
from commands.topics.migration.rebuild import Place, Rebuild
from commands.topics.migration.scratch import Kind, Scratch, place_of, placed
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.canonical import event_of
from processors.orders.gone import Gone, gone_key
from processors.orders.older_rows import load
from processors.orders.table import TABLE, TOTALS_KEY, Due, read_totals, row_key
from processors.orders.waiting import Waiting, WaitingRoom
from schemas.headers import FIRST_SOURCE
from schemas.instant import rfc3339_millis
from tests.unit.commands.topics.migration.rebuilds import (
    CREATED,
    CREATED_OTHERWISE,
    EVENTS,
    OPENED,
    RETENTION_MS,
    late,
    orders,
    passed,
    raw,
    settings,
    take,
)
from tests.unit.processors.orders.units import TOPICS, FakeUnit, event_record

pytestmark = pytest.mark.thorough  # its rows are on a disk


def test_facts_that_raw_no_longer_has_stay(scratch: Scratch) -> None:
    """Raw forgets after the retention, an order does not. What raw still has comes from raw."""
    rebuild = Rebuild(settings(), scratch, ())
    records = raw(*EVENTS)
    take(rebuild, records)
    assert sum(rebuild.fold())
    row = whole_row(scratch)
    starts = {record.partition: 1 + record.offset for record in records if record.key == b"order.created"}
    fold_again(scratch, row, records, starts)
    assert load(whole_row(scratch)).facts == load(row).facts


def fold_again(
    scratch: Scratch,
    row: bytes,
    records: Sequence[ConsumerRecord],
    starts: dict[int, int],
    firsts: Sequence[Place] = (),
) -> Rebuild:
    """Migrate an order with this row, when raw has these records from `starts` on."""
    for kind in (Kind.SEEN, Kind.ORDERS, Kind.CLEANED):
        scratch.put_many(kind, [(key, None) for key, _ in list(scratch.items(kind))])
    scratch.put_many(Kind.KEPT, [(placed(row_key(b"o-1"), 3), timed(row, 5))])
    again = Rebuild(settings(), scratch, ())
    again.begin_with(firsts, starts)
    take(again, [record for record in records if record.offset >= starts.get(record.partition, 0)])
    again.fold_kept(starts)
    assert sum(again.fold())
    return again


def test_what_waits_for_a_large_order_and_raw_no_longer_has_is_folded(scratch: Scratch) -> None:
    """If workers were stopped, an event may have waited for longer than raw is kept."""
    records = raw(CREATED, OPENED)
    rebuild = Rebuild(settings(), scratch, ())
    take(rebuild, records)
    cleaned = [Emitted(*marshal.loads(value)) for _, value in scratch.items(Kind.CLEANED)]
    waiting: Any = FakeUnit([], {})
    for offset, each in enumerate(cleaned):
        WaitingRoom(waiting, TABLE, 0).add("o-1", [Waiting(offset, each.timestamp, each.value or b"", each.headers)])
    rows = [ConsumerRecord("", 3, 0, 0, 0, key, row, None, 0, 0, ()) for key, row in waiting.rows.items()]
    scratch.put_many(Kind.CLEANED, [(key, None) for key, _ in list(scratch.items(Kind.CLEANED))])
    starts = {record.partition: 1 + record.offset for record in records if record.key == b"order.created"}
    Before(scratch, starts).note(TABLE, rows)
    again = Rebuild(settings(), scratch, ())
    again.take_waiting(starts)
    assert again.cleaned == 1
    assert sum(again.fold()) == 1
    assert [event_of(fact.place) for fact in load(whole_row(scratch)).facts] == ["order.created"]
    Before(scratch, starts).note(TABLE, [replace(row, value=None) for row in rows])
    assert list(scratch.items(Kind.WAITING)) == []


@pytest.mark.parametrize("return_id", ["r-1", None])
def test_a_blind_return_that_raw_no_longer_has_stays_and_is_found_where_its_record_would_come(
    scratch: Scratch, return_id: str | None
) -> None:
    """No order has the return, only its own rows do, and an earlier migration may have moved them."""
    rows: dict[bytes, bytes | None] = {}
    for source in ("0:7", "0:8"):
        record = event_record(int(source[-1]), "return.processed", source=source, external_order_id="e-1", id=return_id)
        unit: Any = FakeUnit([record], rows)
        Orders(TOPICS, OrderRules()).process(unit)
    starts = {0: 8}
    moved = [ConsumerRecord("", 1, 0, 5, 0, key, row, None, 0, 0, ()) for key, row in rows.items()]
    before = Before(scratch, starts)
    before.note(TABLE, [replace(each, partition=2) for each in moved])
    before.note(TABLE, [*moved, *(replace(each, value=None) for each in moved)])
    Rebuild(settings(), scratch, ()).keep_blind()
    home = partition_for((return_id or "return.processed").encode(), 6)
    kept = {place_of(key): untimed(row) for key, row in scratch.items(Kind.ORDERS)}
    assert kept == {(key, home): (5, row) for key, row in rows.items() if b"0:7" in key}
    assert len(kept) == (3 if return_id else 2)


@pytest.fixture
def held_back(scratch: Scratch) -> tuple[bytes, list[ConsumerRecord]]:
    """An order's row and its raw records: the first, a held-back conflict with it, and that conflict again."""
    records = raw(CREATED, CREATED_OTHERWISE, OPENED, CREATED_OTHERWISE)
    rebuild = Rebuild(settings(), scratch, ())
    take(rebuild, records)
    assert sum(rebuild.fold())
    return whole_row(scratch), records


@pytest.mark.parametrize("gone", [1, 2], ids=["the first", "the conflict, too"])
def test_a_conflict_that_was_held_back_is_not_folded_when_raw_has_lost_the_first(
    scratch: Scratch, held_back: tuple[bytes, list[ConsumerRecord]], gone: int
) -> None:
    """The conflict was never in the orders topic, and nobody accepted it. When it comes again, the same holds."""
    row, records = held_back
    first = records[0]
    fold_again(scratch, row, records, {first.partition: gone}, [(first.partition, first.offset)])
    assert load(whole_row(scratch)).facts == load(row).facts


def test_the_key_of_a_first_record_that_raw_has_lost_counts_as_long_as_it_would_have(
    scratch: Scratch, held_back: tuple[bytes, list[ConsumerRecord]]
) -> None:
    row, records = held_back
    first = records[0]
    again = fold_again(scratch, row, records, {first.partition: 1}, [(first.partition, first.offset)])
    assert passed(late(again, raw(CREATED, CREATED_OTHERWISE, offset=60))) == []
    last = RETENTION_MS // 1000  # offsets are seconds
    third = ("order.created", {"id": "o-1", "channel": "phone"})
    [_, conflict] = late(again, raw(third, offset=last))
    assert conflict.topic == "newstore.conflicts.v1"
    assert dict(conflict.headers)[FIRST_SOURCE] == b"%d:%d" % (first.partition, first.offset)
    written = {write.topic for write in late(again, raw(CREATED_OTHERWISE, offset=last + 1))}
    assert written == {"newstore.dedupe-changelog.v1", "newstore.orders.v1"}


def whole_row(scratch: Scratch) -> bytes:
    [row] = scratch.get_many(Kind.ORDERS, [placed(row_key(b"o-1"), partition_for(b"o-1", 6))])
    assert row is not None
    return untimed(row)[1]


def test_what_was_late_is_late_where_the_rebuilt_order_still_misses_it(scratch: Scratch) -> None:
    """The event is also counted as late. What waits for something else is in the index of the order's new partition."""
    opened, completed = ("order.opened", {"id": "o-1"}), ("order.completed", {"id": "o-2"})
    names = {b"o-1": ["order.created"], b"o-2": ["order.created", "order.opened"], b"o-3": ["order.created"]}
    before = [(placed(row_key(order), 3), orjson.dumps([late, [], []])) for order, late in names.items()]
    scratch.put_many(Kind.LATE, before)
    rebuild = Rebuild(settings(), scratch, ())
    take(rebuild, raw(opened, completed, ("order.created", {"id": "o-2"})))
    assert sum(rebuild.fold()) == 3
    rebuild.keep_late()
    found = {order: row.late for (order, _), row in orders(scratch).items()}
    assert found == {"o-1": ["order.created"], "o-2": ["order.opened"]}
    rows = scratch.get_many(Kind.ORDERS, [placed(TOTALS_KEY, number) for number in range(6)])
    assert sum(read_totals(untimed(row)[1])["incomplete"] for row in rows if row is not None) == 2
    index = {Due.read(place_of(key)[0]) for key, _ in scratch.items(Kind.ORDERS) if b"due/" in key}
    assert index == {Due(row.due, order.encode()) for (order, _), row in orders(scratch).items()}


@pytest.mark.parametrize(
    ("known_by", "erased"), [(gone_key("o-1"), True), (gone_key("o-1"), False), (row_key(b"o-1"), False)]
)
def test_what_raw_still_has_of_orders_that_are_gone_makes_none(scratch: Scratch, known_by: bytes, erased: bool) -> None:
    """This holds whatever partition they are in from now on. Later events begin a forgotten order anew, or have begun
    it."""
    gone = Gone.of("o-1", rfc3339_millis(2_500), erased=erased)
    scratch.put_many(Kind.GONE, [(placed(known_by, 3), timed(gone.dump(), 5))])
    rebuild = Rebuild(settings(), scratch, ())
    rebuild.keep_gone()
    take(rebuild, raw(*EVENTS))
    assert sum(rebuild.fold()) == rebuild.cleaned
    found = orders(scratch)
    assert {order for order, _ in found} == ({"o-2"} if erased else {"o-1", "o-2"})
    if not erased:
        row = found["o-1", partition_for(b"o-1", 6)]
        assert {fact.received_at for fact in row.facts} == {rfc3339_millis(n * 1_000) for n in (3, 4, 5)}
        assert row.forgotten_until == gone.at
    home = partition_for(b"o-1", 6)
    assert scratch.get_many(Kind.ORDERS, [placed(gone_key("o-1"), home)]) == [timed(gone.dump(), 5)]


def test_what_was_found_by_time_and_what_somebody_said_is_kept_too(scratch: Scratch) -> None:
    said = ["order.created", "asked NewStore", "2026-01-01T00:00:00.000Z"]
    found = {b"o-1": [[], [], [said]], b"o-2": [[], ["order.opened"], []]}
    scratch.put_many(Kind.LATE, [(placed(row_key(order), 3), orjson.dumps(each)) for order, each in found.items()])
    rebuild = Rebuild(settings(), scratch, ())
    take(rebuild, raw(("order.opened", {"id": "o-1"}), ("order.created", {"id": "o-2"})))
    assert sum(rebuild.fold()) == 2
    rebuild.keep_late()
    rows = {order: (row.late, row.stalled, row.acknowledged) for (order, _), row in orders(scratch).items()}
    assert rows == {"o-1": ([], [], [tuple(said)]), "o-2": ([], ["order.opened"], [])}
