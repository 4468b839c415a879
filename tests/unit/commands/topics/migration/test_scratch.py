"""Rows on disk, for as long as a migration needs them."""

import os
import resource
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.refusals import MigrationRefused
from commands.topics.migration.scratch import Kind, Scratch, place_of, placed

pytestmark = pytest.mark.thorough  # its rows are on a disk


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
    """A killed run leaves its tables behind; nothing in them may count."""
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


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """Once it is called, no file of this process grows beyond 1 MiB."""
    _, most = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_is_told_in_a_sentence_and_nothing_stays_on_it(
    tmp_path: Path, full_disk: Callable[[], None]
) -> None:
    """The tables hold bodies."""
    path = tmp_path / "migration"
    with pytest.raises(MigrationRefused, match=rf"{path}.*cannot be used: IO error.*: make space there"):
        fill(path, full_disk)
    assert not path.exists()


def fill(path: Path, full_disk: Callable[[], None]) -> None:
    """Write until RocksDB can no more."""
    with Scratch(path) as scratch:
        full_disk()
        for number in range(512):
            scratch.put_many(Kind.SEEN, [(b"%d" % number, os.urandom(1 << 20))])


def test_a_row_that_cannot_be_read_is_not_the_end_of_them(tmp_path: Path) -> None:
    """Otherwise a partition would be rebuilt without the rows behind it."""
    path = tmp_path / "migration"
    with pytest.raises(MigrationRefused, match="cannot be used: Corruption"):
        read_damaged(path)
    assert not path.exists()


def read_damaged(path: Path) -> None:
    """Read rows with a wrong bit in the middle of them."""
    with Scratch(path) as scratch:
        scratch.put_many(Kind.SEEN, ((b"%05d" % number, os.urandom(100)) for number in range(5000)))
        scratch._db.flush()
        [file] = path.glob("*.sst")
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)
        list(scratch.items(Kind.SEEN))


def test_what_cannot_be_written_in_the_end_nobody_misses(tmp_path: Path, full_disk: Callable[[], None]) -> None:
    path = tmp_path / "migration"
    with Scratch(path) as scratch:
        scratch.put_many(Kind.SEEN, [(b"a", os.urandom(2 << 20))])
        full_disk()
    assert not path.exists()


def test_another_failure_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(LookupError), Scratch(tmp_path / "migration"):
        raise LookupError


def test_of_large_rows_few_are_in_memory(scratch: Scratch) -> None:
    """An order's row may have megabytes."""
    for number in range(100):
        scratch.put_many(Kind.ORDERS, [(b"%02d" % number, bytes(1 << 20))])
    tracemalloc.start()
    assert sum(1 for _ in scratch.items(Kind.ORDERS)) == 100
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20


def test_a_row_that_is_larger_than_a_portion_comes_all_the_same(scratch: Scratch) -> None:
    rows = [(b"a", bytes(9 << 20)), (b"b", bytes(9 << 20)), (b"c", b"")]
    scratch.put_many(Kind.ORDERS, rows)
    assert list(scratch.items(Kind.ORDERS)) == rows
