"""How often an event was delivered again. Counting changes nothing else."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.dedupe.decision import Seen
from processors.dedupe.redeliveries import AGAIN, Redeliveries, delivered
from tests.unit.processors.dedupe.test_agent import (
    CREATED,
    RETENTION_MS,
    FakeUnit,
    accepting,
    body,
    process,
    raw,
)

OPENED, OTHER = body("order.opened", id="o-1"), body("order.opened", id="o-1", channel="web")
KEY = b"order.opened/o-1"
FIRST = Seen(3, 1, 100, b"v1:aa")


def told(unit: FakeUnit, event_id: bytes = KEY) -> tuple[int, int] | None:
    """How often an event came again, and when it last came (ms). None: the event is not known. The default id is that
    of `order.opened` of order o-1."""

    def rows(keys: Any) -> list[bytes | None]:
        return unit.get_many("seen", list(keys))

    found = delivered(rows, event_id)
    if found is None:
        return None
    return (found.again.times, found.again.last_received_ms) if found.again else (0, 0)


def test_what_came_once_has_no_row_of_its_own() -> None:
    unit, _ = process(raw(1, OPENED))
    assert list(unit.rows) == [KEY]
    assert told(unit) == (0, 0)


def test_several_duplicates_in_a_chunk_are_one_row_and_the_first_record_stays_what_it_was() -> None:
    first, _ = process(raw(1, OPENED, timestamp=100))
    remembered = first.rows[KEY]
    unit, _ = process(*(raw(offset, OPENED, timestamp=100 + offset) for offset in (5, 6, 7)), rows=first.rows)
    assert unit.puts == [AGAIN + KEY]
    assert unit.rows[KEY] == remembered
    assert told(unit) == (3, 107)


def test_a_conflict_that_came_again_is_counted_apart() -> None:
    unit, _ = process(raw(1, OPENED), raw(2, OTHER), raw(3, OTHER), raw(4, OTHER), raw(5, OPENED))
    [conflict] = [key for key in unit.rows if b"~" in key and not key.startswith(AGAIN)]
    assert told(unit) == (1, 100)
    assert told(unit, conflict) == (2, 100)
    assert told(unit, KEY + b"~" + hash_of(unit)) == (1, 100)
    assert told(unit, KEY + b"~v1:unheard") is None


def hash_of(unit: FakeUnit) -> bytes:
    """The first payload's hash."""
    return Seen.unpack(unit.rows[KEY] or b"").payload_hash


def test_a_key_may_hold_what_else_stands_before_a_payload_hash() -> None:
    unit, _ = process(*(raw(offset, body("order.opened", id="o~1")) for offset in range(3)))
    assert told(unit, b"order.opened/o~1") == (2, 100)
    assert told(unit, b"order.opened/o") is None


def test_a_conflict_from_before_the_key_was_forgotten_is_not_known() -> None:
    unit, _ = process(raw(1, OPENED, timestamp=0), raw(2, OTHER, timestamp=0))
    [conflict] = [key for key in unit.rows if b"~" in key]
    anew, _ = process(raw(3, OPENED, timestamp=RETENTION_MS + 1), rows=unit.rows)
    assert told(anew, conflict) is None


def test_a_key_that_begins_anew_counts_from_nothing() -> None:
    """The key's first life ends with the retention, but the count of that life may still be in the table."""
    before, _ = process(raw(1, OPENED, timestamp=0), raw(2, OPENED, timestamp=1))
    anew, _ = process(raw(3, OPENED, timestamp=RETENTION_MS + 1), rows=before.rows)
    assert told(anew) == (0, 0)
    again, _ = process(raw(4, OPENED, timestamp=RETENTION_MS + 5), rows=anew.rows)
    assert told(again) == (1, RETENTION_MS + 5)


def test_a_life_that_ends_within_a_chunk_takes_its_count_with_it() -> None:
    late = RETENTION_MS + 1
    unit, _ = process(
        *(raw(offset, OPENED, timestamp=time) for offset, time in enumerate([0, 1, 1, late, late + 1], start=1))
    )
    assert told(unit) == (1, late + 1)


def test_what_an_operator_accepts_is_no_delivery() -> None:
    unit, _ = process(accepting(1, CREATED), accepting(2, CREATED))
    assert not [key for key in unit.rows if key.startswith(AGAIN)]


@given(st.lists(st.sampled_from([OPENED, OTHER]), min_size=1, max_size=12), st.data())
def test_counts_do_not_depend_on_how_records_are_cut_into_chunks(bodies: list[bytes], data: st.DataObject) -> None:
    records = [raw(offset, value, timestamp=offset) for offset, value in enumerate(bodies)]
    whole, _ = process(*records)
    rows: dict[bytes, bytes | None] = {}
    while records:
        size = data.draw(st.integers(1, len(records)))
        process(*records[:size], rows=rows)
        records = records[size:]
    assert rows == whole.rows


def test_a_count_has_the_age_of_its_key_for_whatever_reads_rows() -> None:
    """An older worker dates every row by its frame. It must not fail on a count, nor keep it for longer."""
    row = Redeliveries(7, 2**40).pack(FIRST)
    assert row[0] == FIRST.pack()[0]
    assert Seen.time_of(row) == FIRST.timestamp


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**62))
def test_a_count_comes_back_as_it_was_stored(count: int, last: int) -> None:
    assert Redeliveries.unpack(Redeliveries(count, last).pack(FIRST), FIRST) == (count, last)


def test_a_count_is_stored_as_it_was_before() -> None:
    """The changelog keeps counts for longer than a version of the bridge lives."""
    row = bytes.fromhex("01 00000003 0000000000000001 0000000000000064 01 00000007 0000000000000005")
    assert Redeliveries(7, 5).pack(FIRST) == row
    assert AGAIN == b"+again/"


def test_a_count_of_a_later_format_is_not_misread() -> None:
    row = FIRST._replace(payload_hash=struct.pack(">BIq", 2, 1, 5)).pack()
    with pytest.raises(ValueError, match="another version"):
        Redeliveries.unpack(row, FIRST)


def test_a_count_stops_where_its_field_ends() -> None:
    assert Redeliveries(2**32 - 1, 5).plus(Redeliveries(3, 4)) == (2**32 - 1, 5)
