"""Files must stay as they were planned, and compression is seen however the bytes come."""

import gzip
import os
import time
from collections.abc import Iterator
from fcntl import ioctl
from hashlib import file_digest
from pathlib import Path
from termios import FIONREAD
from threading import Thread
from typing import Any, BinaryIO

import pytest

from bridge.refusals import UnreadableFile
from bridge.settings import Settings
from commands.backfill import export_file
from commands.backfill.export_file import STDIN, ExportFile, Reading
from commands.backfill.progress import START
from commands.backfill.slices import Slicer
from commands.backfill.tally import Tally
from tests.integration.waiting import wait_until

LINES = b"".join(b"%04d\n" % number for number in range(2_000))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.export"
    path.write_bytes(LINES)
    os.utime(path, ns=(0, 0))
    return path


def slicer() -> Slicer:
    return Slicer(Settings(tenant="acme"), 500, Tally())


def put_another(path: Path) -> None:
    path.write_bytes(LINES.replace(b"1", b"2"))


def test_a_file_that_another_one_has_replaced_behind_the_plan_is_not_read(path: Path) -> None:
    """A file is known by the content that it was planned with: the other file would count as stored, and never be
    stored."""
    export = ExportFile.examine(str(path))
    put_another(path)
    with Reading(export) as reading, pytest.raises(UnreadableFile, match="has changed"):
        next(slicer().slices(export, reading, START))


def test_nor_is_one_that_grows_while_it_is_planned(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def grow(file: Any, make: Any) -> Any:
        found = file_digest(file, make)
        with path.open("ab") as growing:
            growing.write(b"more\n")
        return found

    monkeypatch.setattr(export_file, "file_digest", grow)
    export = ExportFile.examine(str(path))
    with Reading(export) as reading, pytest.raises(UnreadableFile, match="has changed"):
        next(slicer().slices(export, reading, START))


def test_of_a_file_that_is_written_over_meanwhile_nothing_more_is_taken(path: Path) -> None:
    export = ExportFile.examine(str(path))
    with Reading(export) as reading:
        parts = slicer().slices(export, reading, START)
        assert next(parts).progress.lines == 500
        put_another(path)
        with pytest.raises(UnreadableFile, match="has changed"):
            next(parts)


def test_a_file_that_is_moved_away_meanwhile_is_read_to_its_end(path: Path) -> None:
    export = ExportFile.examine(str(path))
    with Reading(export) as reading:
        path.rename(path.with_suffix(".old"))
        put_another(path)
        *_, last = slicer().slices(export, reading, START)
    assert (last.progress.lines, last.progress.finished) == (2_000, True)


def test_a_pipe_by_name_is_refused_before_it_is_read_and_how_else_to_give_it_is_said() -> None:
    """`<(zcat old.export.gz)` gives such a pipe. It was read to its end, and only then "Illegal seek" was said."""
    outlet, inlet = os.pipe()
    with os.fdopen(outlet, "rb") as theirs:
        with os.fdopen(inlet, "wb") as ours:
            ours.write(LINES[:10])
        with pytest.raises(UnreadableFile, match="a pipe, whose bytes come only once: give it as `-`"):
            ExportFile.examine(f"/dev/fd/{theirs.fileno()}")
        assert theirs.read() == LINES[:10]


def test_gzip_is_seen_when_its_first_byte_comes_alone(tmp_path: Path) -> None:
    """A read from a pipe gives what is there, so this may happen."""
    pipe, packed = tmp_path / "pipe", gzip.compress(LINES)
    os.mkfifo(pipe)

    def send() -> None:
        with pipe.open("wb", buffering=0) as into:
            into.write(packed[:1])
            wait_until("the first byte was read", lambda: ioctl(into, FIONREAD, bytes(4)) == bytes(4))
            into.write(packed[1:])

    sending = Thread(target=send, daemon=True)
    sending.start()
    with Reading(ExportFile(str(pipe))) as reading:
        found = [line.body for line in reading.lines(10, START)]
    sending.join()
    assert found == LINES.split()


@pytest.fixture
def into_stdin() -> Iterator[BinaryIO]:
    """What is written to it comes through standard input, which does not block, as another process may leave it."""
    before, (reading, writing) = os.dup(0), os.pipe()
    os.set_blocking(reading, False)
    os.dup2(reading, 0)
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as into:
        yield into
    os.dup2(before, 0)
    os.close(before)


@pytest.mark.parametrize("packed", [LINES, gzip.compress(LINES)])
def test_a_pause_of_standard_input_is_not_its_end(into_stdin: BinaryIO, packed: bytes) -> None:
    """In a pause, a non-blocking pipe reads as empty: the rest was lost, with exit 0."""
    half = len(packed) // 2

    def send() -> None:
        for piece in (packed[:1], packed[1:half], packed[half:]):
            time.sleep(0.05)
            into_stdin.write(piece)
        into_stdin.close()

    sending = Thread(target=send, daemon=True)
    sending.start()
    with Reading(ExportFile(STDIN)) as reading:
        found = [line.body for line in reading.lines(10, START)]
    sending.join()
    assert found == LINES.split()
