"""Raw is read as it was processed: one migration after the other."""

from bridge.rules.epochs import Span, partition_counts_so_far, spans
from bridge.rules.rules import Recorded, Rules
from schemas.keytable import KeyTable

KEYS = KeyTable.shipped().rules


def test_without_a_migration_everything_is_after_the_last_one() -> None:
    assert spans((), {0: 2, 1: 0}, {0: 5, 1: 0}) == ([], [Span(0, 2, 5)])


def test_a_migration_parts_what_came_before_it_from_what_came_after() -> None:
    """A partition that the migration made has nothing from before."""
    before, after = spans(((4, 0),), {0: 2, 1: 0, 2: 0}, {0: 5, 1: 3, 2: 7})
    assert before == [Span(0, 2, 4)]
    assert after == [Span(0, 4, 5), Span(1, 0, 3), Span(2, 0, 7)]


def test_of_several_migrations_the_epochs_come_one_after_the_other() -> None:
    before, after = spans(((4,), (6, 2)), {0: 0, 1: 0}, {0: 9, 1: 5})
    assert before == [Span(0, 0, 4), Span(0, 4, 6), Span(1, 0, 2)]
    assert after == [Span(0, 6, 9), Span(1, 2, 5)]


def test_every_partition_count_that_there_was_is_known() -> None:
    """An epoch that changes key rules keeps the partition count."""
    first = Recorded.first(Rules(4, {}, "1-a"))
    rules = first.migrated(Rules(4, KEYS, "1-b"), (1, 2, 3, 4)).migrated(Rules(6, KEYS, "1-b"), (5, 6, 7, 8))
    assert partition_counts_so_far(rules) == {4, 6}
    assert partition_counts_so_far(rules.migrated(Rules(7, KEYS, "1-b"), (0,) * 6)) == {4, 6, 7}


def test_what_retention_has_deleted_is_in_no_span() -> None:
    assert spans(((4,),), {0: 6}, {0: 9}) == ([], [Span(0, 6, 9)])
