"""What the former changelogs say that raw does not."""

from collections.abc import Iterable, Sequence

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from commands.topics.migration.before import Before, failed_place, lines_before
from commands.topics.migration.home import untimed
from commands.topics.migration.scratch import Kind, Scratch, place_of
from processors.dedupe import agent as dedupe
from processors.dedupe.decision import Seen
from processors.engine.position import Position
from processors.engine.store import POSITION
from processors.orders.apply import Found, OrderRules, apply, mark_late
from processors.orders.beginning import BEGAN
from processors.orders.gone import Gone, gone_key
from processors.orders.table import TABLE, TOTALS_KEY, row_key
from tests.unit.processors.orders.facts import ORDER_ID, fact, items

RULES = OrderRules()
WAITING = apply(None, [fact("order.opened")], RULES).row
LATE = mark_late(WAITING, 1 << 50, RULES).row
HEALED = apply(LATE, [fact("order.created")], RULES).row
KEY = row_key(ORDER_ID.encode())


def late(scratch: Scratch, rows: Iterable[bytes | None]) -> dict[tuple[bytes, int], Found]:
    """What is noted when an order's row was written like this, one value after the other."""
    before = Before(scratch, {})
    for key, row in [(TOTALS_KEY, b"{}"), *((KEY, row) for row in rows), (b"due/12345678o", b"1")]:
        before.note(TABLE, [ConsumerRecord("changelog", 3, 0, 0, 0, key, row, None, len(key), len(row or b""), ())])
    return {place_of(key): Found(*orjson.loads(found)) for key, found in scratch.items(Kind.LATE)}


def test_what_was_late_at_last_is_noted(scratch: Scratch) -> None:
    assert late(scratch, [WAITING, LATE]) == {(KEY, 3): Found(["order.created"], [], [])}


def test_what_has_come_and_what_is_gone_is_not(scratch: Scratch) -> None:
    assert late(scratch, [WAITING, LATE, HEALED]) == late(scratch, [LATE, None]) == late(scratch, [WAITING]) == {}


def test_which_lines_an_order_has_is_noted_by_where_its_row_is(scratch: Scratch) -> None:
    named = [fact("order.created", items=items("A", "B"))]
    rows = {3: apply(None, named, OrderRules(writes_lines=True)).row, 4: apply(None, named, RULES).row}
    before = Before(scratch, {})
    for partition, row in rows.items():
        before.note(TABLE, [ConsumerRecord("changelog", partition, 0, 0, 0, KEY, row, None, len(KEY), len(row), ())])
    assert [sorted(lines_before(scratch, KEY, partition)) for partition in (3, 4, 5)] == [["A", "B"], [], []]


def test_what_is_left_of_orders_that_are_gone_is_noted_until_that_goes_too(scratch: Scratch) -> None:
    row = Gone.of(ORDER_ID, "2026-01-01T00:00:00.000Z", erased=True).dump()
    before = Before(scratch, {})
    for order_id, value in (("a", row), ("b", row), ("b", None)):
        key = gone_key(order_id)
        before.note(TABLE, [ConsumerRecord("changelog", 3, 0, 7, 0, key, value, None, len(key), 0, ())])
    assert [(place_of(key), untimed(value)) for key, value in scratch.items(Kind.GONE)] == [
        ((gone_key("a"), 3), (7, row))
    ]


def test_what_was_forgotten_of_an_order_that_began_anew_is_noted_while_its_row_is_there(scratch: Scratch) -> None:
    """Only that row tells of it, once the rounds have dropped what was left of the former order."""
    gone = Gone.of(ORDER_ID, "2026-01-01T00:00:00.000Z", erased=False)
    anew, before = gone.begun_anew(ORDER_ID, "acme"), Before(scratch, {})
    for order_id, value in ((ORDER_ID, anew), ("b", anew), ("b", None), ("c", WAITING)):
        key = row_key(order_id.encode())
        before.note(TABLE, [ConsumerRecord("changelog", 3, 0, 7, 0, key, value, None, len(key), 0, ())])
    assert [(place_of(key), untimed(value)) for key, value in scratch.items(Kind.GONE)] == [
        ((KEY, 3), (7, gone.dump()))
    ]


@pytest.mark.parametrize("turn", [(1, 5), (5, 1)], ids=["the old partition first", "the new one first"])
def test_a_row_that_moved_to_another_partition_is_noted_whichever_is_read_first(
    scratch: Scratch, turn: Sequence[int]
) -> None:
    """An earlier migration left a tombstone where the row was."""
    key, row = gone_key("a"), Gone.of("a", "2026-01-01T00:00:00.000Z", erased=True).dump()
    logs: dict[int, list[bytes | None]] = {1: [row, None], 5: [row]}
    before = Before(scratch, {})
    for partition in turn:
        records = [ConsumerRecord("", partition, 0, 7, 0, key, each, None, 0, 0, ()) for each in logs[partition]]
        before.note(TABLE, records)
    assert [place_of(key) for key, _ in scratch.items(Kind.GONE)] == [(key, 5)]


def test_the_earliest_beginning_of_all_partitions_is_noted(scratch: Scratch) -> None:
    before = Before(scratch, {})
    assert before.began_ms is None
    for partition, row in enumerate((b"1700000000000", b"1600000000000", b"1800000000000")):
        before.note(TABLE, [ConsumerRecord("changelog", partition, 0, 0, 0, BEGAN, row, None, 5, len(row), ())])
    assert before.began_ms == 1_600_000_000_000


@pytest.mark.parametrize(
    "place", [{}, {"partition": b"0"}, {"partition": b"zero", "offset": b"1"}, {"partition": None, "offset": b"1"}]
)
def test_what_names_no_place_in_quarantine_is_passed_over(place: dict[str, bytes | None]) -> None:
    """An operator may write there, and nobody can take a record out again: migrations ended at it for good."""
    said = {"reason": b"handler_failed", "topic": b"raw", **place}
    headers = [(f"bridge_error_{name}", value) for name, value in said.items()]
    record = ConsumerRecord("quarantine", 0, 0, 0, 0, None, b"", None, 0, 0, headers)
    assert failed_place(record, b"raw") is None


def test_what_was_processed_is_not_put_aside_whatever_quarantine_says(scratch: Scratch) -> None:
    """The failure may be of a raw record from before raw was made anew, or of one that a later version has processed
    from the beginning."""
    failed = {(0, 3), (0, 4), (1, 3)}
    rows = {b"order.created/o-1": Seen(0, 3, 5, b"hash").pack(), b"order.opened/o-1": None, b"odd": b"?"}
    rows[POSITION] = Position(9).encode()
    records = [ConsumerRecord("", 0, 0, 5, 0, key, row, None, 0, 0, ()) for key, row in rows.items()]
    Before(scratch, {}, failed).note(dedupe.TABLE, records)
    assert failed == {(0, 4), (1, 3)}
