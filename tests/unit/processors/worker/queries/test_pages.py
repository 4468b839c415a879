"""Pages of lists that lie in several places: together they are the whole list, however it is cut."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.worker.queries.pages import BadCursorError, Entry, Page, cursor_of, merged, place_of

PARTITIONS = st.lists(st.sets(st.binary(min_size=1, max_size=2), max_size=8), min_size=1, max_size=4)


def looked_through(places: Sequence[bytes], after: bytes, looked_at: int) -> Page:
    """What a partition that looks at so many rows says of those behind `after`."""
    left = [place for place in places if place > after]
    entries: list[Entry] = [(place, None) for place in left[:looked_at]]
    return Page(entries, entries[-1][0] if len(left) > looked_at else None)


@given(PARTITIONS, st.integers(1, 5), st.integers(1, 5), st.integers(1, 3))
def test_page_by_page_everything_comes_once_and_in_order(
    partitions: list[set[bytes]], limit: int, looked_at: int, workers: int
) -> None:
    every = sorted({place for places in partitions for place in places})
    parts = [sorted(places - set().union(*partitions[:number])) for number, places in enumerate(partitions)]
    seen, after = list[bytes](), b""
    while True:
        groups = [parts[worker::workers] for worker in range(workers)]
        told = [merged([looked_through(part, after, looked_at) for part in group], limit) for group in groups]
        page = merged(told, limit)
        assert len(page.entries) <= limit
        seen += [place for place, _ in page.entries]
        if page.upto is None:
            break
        assert page.upto > after
        after = page.upto
    assert seen == every


def test_nothing_is_listed_beyond_what_all_have_looked_at() -> None:
    """Otherwise a later page would have entries that belong before it."""
    page = merged([Page([(b"a", 1)], b"b"), Page([(b"c", 2)], None)], 10)
    assert page == Page([(b"a", 1)], b"b")


def test_the_last_page_has_no_next_one() -> None:
    assert merged([Page([(b"a", 1)], None), Page([(b"b", 2)], None)], 2) == Page([(b"a", 1), (b"b", 2)], None)
    assert merged([], 2) == Page([], None)


@given(st.binary(min_size=1))
def test_a_cursor_says_its_place(place: bytes) -> None:
    cursor = cursor_of("age", place)
    assert cursor is not None
    assert place_of("age", cursor) == place
    with pytest.raises(BadCursorError):
        place_of("id", cursor)


def test_without_a_cursor_a_list_begins_with_its_first_entry() -> None:
    assert (place_of("age", None), cursor_of("age", None)) == (b"", None)


@pytest.mark.parametrize("cursor", ["", "age", "age.", "age.%", "age.YQ==", "age.YR", "age.ü", "age.Y Q", "id.YQ"])
def test_nothing_else_is_a_cursor(cursor: str) -> None:
    with pytest.raises(BadCursorError):
        place_of("age", cursor)


def test_places_are_in_order() -> None:
    page = merged([Page([(b"b", 0), (b"d", 0)], None), Page([(b"a", 0), (b"c", 0)], None)], 4)
    assert all(one[0] < other[0] for one, other in pairwise(page.entries))
