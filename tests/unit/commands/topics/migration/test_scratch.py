"""Rows on disk, for as long as a migration needs them."""

from pathlib import Path

import pytest

from bridge.refusals import MigrationRefused
from commands.topics.migration.scratch import Kind, Scratch, place_of, placed


def test_rows_of_a_kind_come_in_the_order_of_their_keys(scratch: Scratch) -> None:
    scratch.put_many(Kind.SEEN, [(b"b", b"2"), (b"a", b"1")])
    scratch.put_many(Kind.ORDERS, [(b"a", b"other kind")])
    assert list(scratch.items(Kind.SEEN)) == [(b"a", b"1"), (b"b", b"2")]
    assert scratch.get_many(Kind.SEEN, [b"b", b"x", b"a"]) == [b"2", None, b"1"]


def test_a_row_without_a_value_is_deleted(scratch: Scratch) -> None:
    scratch.put_many(Kind.SEEN, [(b"a", b"1")])
    scratch.put_many(Kind.SEEN, [(b"a", None)])
    assert list(scratch.items(Kind.SEEN)) == []


def test_a_row_key_and_its_partition_come_back() -> None:
    assert place_of(placed(b"order/\x00", 300)) == (b"order/\x00", 300)


def test_what_an_earlier_run_left_is_gone_and_in_the_end_everything_is(tmp_path: Path) -> None:
    """A killed run leaves its tables behind; nothing of them may count."""
    path = tmp_path / "data" / "migration"
    killed = Scratch(path)
    killed.__enter__()
    killed.put_many(Kind.SEEN, [(b"a", b"1")])
    killed._db.close()
    with Scratch(path) as scratch:
        assert list(scratch.items(Kind.SEEN)) == []
    assert not path.exists()


def test_two_do_not_share_them(scratch: Scratch, tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match="cannot be used"), Scratch(tmp_path / "migration"):
        raise AssertionError


def test_whoever_was_interrupted_while_reading_does_not_keep_them(tmp_path: Path) -> None:
    with Scratch(tmp_path / "migration") as scratch:
        scratch.put_many(Kind.SEEN, ((b"%05d" % number, b"row") for number in range(2500)))
        assert len(list(scratch.items(Kind.SEEN))) == 2500
        interrupted = scratch.items(Kind.SEEN)
        next(interrupted)
    assert not (tmp_path / "migration").exists()
