"""The index of rows by time."""

from hypothesis import given
from hypothesis import strategies as st

from processors.engine.expiry import INDEX, INDEX_END, MARGIN_MS, Expiry, entry_keys, entry_time

EXPIRY = Expiry(retention_ms=1_000, time_of=int)


@given(st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 2**62)), max_size=600), st.integers(0, 2**62))
def test_entries_name_every_row_once_in_the_order_of_the_write(rows: list[tuple[bytes, int]], offset: int) -> None:
    entries = list(EXPIRY.entries([(key, b"%d" % time) for key, time in rows], offset))
    assert [key for _, value in entries for key in entry_keys(value)] == [key for key, _ in rows]
    assert all(INDEX <= key < INDEX_END for key, _ in entries)
    assert len({key for key, _ in entries}) == len(entries)


def test_an_entry_has_the_time_of_its_newest_row_and_stands_behind_older_ones() -> None:
    """An entry is due when all of its rows are."""
    [(first, _)] = EXPIRY.entries([(b"a", b"250"), (b"b", b"260"), (b"c", b"255")], offset=9)
    [(second, _)] = EXPIRY.entries([(b"d", b"261")], offset=3)
    assert (entry_time(first), entry_time(second)) == (260, 261)
    assert first < second


def test_a_row_without_a_time_counts_as_old() -> None:
    """Kafka gives -1 for a record without a timestamp."""
    [(key, _)] = EXPIRY.entries([(b"a", b"-1")], offset=0)
    assert entry_time(key) == 0


def test_rows_are_kept_for_a_day_longer_than_they_count() -> None:
    assert EXPIRY.due(newest_ms=5 * MARGIN_MS, now_ms=5 * MARGIN_MS) == 4 * MARGIN_MS - 1_000


def test_one_record_of_a_clock_that_is_ahead_makes_nothing_forgotten() -> None:
    assert EXPIRY.due(newest_ms=900 * MARGIN_MS, now_ms=5 * MARGIN_MS) == 4 * MARGIN_MS - 1_000
