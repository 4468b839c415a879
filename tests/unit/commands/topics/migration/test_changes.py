"""The difference between a table's changelog and what it must be."""

from commands.topics.migration.changes import Change, changes, digest
from commands.topics.migration.home import timed
from commands.topics.migration.scratch import Kind, Scratch, placed

NOW = 1000


def found(scratch: Scratch, new: dict[tuple[bytes, int], bytes], old: dict[tuple[bytes, int], bytes]) -> list[Change]:
    """Changes between rows by key and partition; new rows have time 7."""
    scratch.put_many(Kind.SEEN, ((placed(*place), timed(row, 7)) for place, row in new.items()))
    scratch.put_many(Kind.SEEN_BEFORE, ((placed(*place), digest(row)) for place, row in old.items()))
    return list(changes(scratch, Kind.SEEN, Kind.SEEN_BEFORE, NOW))


def test_what_is_as_it_must_be_is_left_alone(scratch: Scratch) -> None:
    """So another run writes only what the one before did not."""
    assert found(scratch, {(b"a", 1): b"row"}, {(b"a", 1): b"row"}) == []


def test_a_new_row_and_another_one_are_written_with_their_times(scratch: Scratch) -> None:
    changed = found(scratch, {(b"a", 1): b"new", (b"b", 1): b"other"}, {(b"b", 1): b"row"})
    assert changed == [Change(b"a", 1, b"new", 7), Change(b"b", 1, b"other", 7)]


def test_a_row_that_moves_is_removed_right_beside(scratch: Scratch) -> None:
    rows = {(b"a", 5): b"a", (b"b", 0): b"b"}
    changed = found(scratch, rows, {(b"a", 1): b"a", (b"b", 2): b"b"})
    assert changed == [
        Change(b"a", 1, None, NOW),
        Change(b"a", 5, b"a", 7),
        Change(b"b", 0, b"b", 7),
        Change(b"b", 2, None, NOW),
    ]


def test_a_row_that_is_nowhere_any_more_is_removed(scratch: Scratch) -> None:
    """The row's key is one of the old rules."""
    assert found(scratch, {}, {(b"a", 1): b"row"}) == [Change(b"a", 1, None, NOW)]
