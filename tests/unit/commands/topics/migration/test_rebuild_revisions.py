"""A migration goes on counting an order's documents: readers compare `revision`, and are idempotent by its ids."""

from collections.abc import Iterator

import pytest
from aiokafka.structs import ConsumerRecord

from bridge.kafka.partitioner import partition_for
from commands.topics.migration.before import Before
from commands.topics.migration.changes import Change, changes
from commands.topics.migration.home import untimed
from commands.topics.migration.rebuild import Rebuild
from commands.topics.migration.scratch import Kind, Scratch, placed
from processors.orders.older_rows import load
from processors.orders.row import Row, dump
from processors.orders.table import TABLE, row_key
from tests.unit.commands.topics.migration.rebuilds import CREATED, OPENED, orders, raw, settings, take

HOME = partition_for(b"o-1", 6)
ELSEWHERE = (HOME + 1) % 6
KEY = row_key(b"o-1")


@pytest.fixture
def rebuilt(scratch: Scratch) -> Rebuild:
    """A rebuild of one order with two facts, folded at once."""
    rebuild = Rebuild(settings(), scratch, ())
    take(rebuild, raw(CREATED, OPENED))
    assert sum(rebuild.fold()) == 2
    return rebuild


def before(scratch: Scratch, partition: int, row: bytes | None) -> None:
    """Let the former changelog have this row in this partition."""
    record = ConsumerRecord("changelog", partition, 0, 0, 0, KEY, row, None, len(KEY), len(row or b""), ())
    Before(scratch, {}).note(TABLE, [record])


def order(scratch: Scratch) -> Row:
    return orders(scratch)["o-1", HOME]


def changed(scratch: Scratch) -> Iterator[Change]:
    return (each for each in changes(scratch, Kind.ORDERS, Kind.ORDERS_BEFORE, 9) if each.key == KEY)


def with_revision(scratch: Scratch, revision: int) -> bytes:
    """The rebuilt row with this revision."""
    [row] = scratch.get_many(Kind.ORDERS, [placed(KEY, HOME)])
    assert row is not None
    known = load(untimed(row)[1])
    known.revision = revision
    return dump(known)


def test_an_order_that_moves_has_its_next_document(scratch: Scratch, rebuilt: Rebuild) -> None:
    before(scratch, ELSEWHERE, with_revision(scratch, 10))
    rebuilt.keep_revisions()
    assert order(scratch).revision == 11
    assert {each.partition: each.row is None for each in changed(scratch)} == {HOME: False, ELSEWHERE: True}


def test_an_order_that_says_something_else_has_its_next_document(scratch: Scratch, rebuilt: Rebuild) -> None:
    other = load(with_revision(scratch, 10))
    other.late = ["order.completed"]
    before(scratch, HOME, dump(other))
    rebuilt.keep_revisions()
    assert order(scratch).revision == 11


def test_what_has_moved_stays_as_it_is_when_a_migration_is_run_again(scratch: Scratch, rebuilt: Rebuild) -> None:
    """Otherwise each run would write every order once more."""
    before(scratch, ELSEWHERE, with_revision(scratch, 10))
    before(scratch, ELSEWHERE, None)
    before(scratch, HOME, with_revision(scratch, 11))
    rebuilt.keep_revisions()
    assert order(scratch).revision == 11
    assert list(changed(scratch)) == []


def test_an_order_that_is_no_more_comes_back_by_no_revision(scratch: Scratch) -> None:
    rebuild = Rebuild(settings(), scratch, ())
    before(scratch, HOME, dump(Row(4, "o-1", "acme", revision=10)))
    rebuild.keep_revisions()
    assert orders(scratch) == {}
