"""Slices are bounded, and each says how far the file is then stored."""

import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bridge.settings import Settings
from commands.backfill.export_file import ExportFile, Reading
from commands.backfill.progress import START, Progress
from commands.backfill.slices import Slice, Slicer
from commands.backfill.tally import EXAMPLES, Tally
from commands.schema.publish.header_schemas import SCHEMAS

EVENT = b'{"tenant":"acme","name":"order.opened","payload":{"id":"o1"}}'


def slices(path: Path, content: bytes, lines: int, tally: Tally, start: Progress = START) -> list[Slice]:
    path.write_bytes(content)
    export = ExportFile.examine(str(path))
    slicer = Slicer(Settings(tenant="acme", ingress_max_body_bytes=100, chunk_bytes=150), lines, tally)
    with Reading(export) as reading:
        return list(slicer.slices(export, reading, start))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.export"


def test_a_slice_has_so_many_lines_at_most_and_the_last_one_finishes_the_file(path: Path) -> None:
    found = slices(path, b"temp\n" * 5, 2, Tally())
    assert [part.progress for part in found] == [Progress(2, 10), Progress(4, 20), Progress(5, 25, finished=True)]
    assert all(not part.records for part in found)


def test_a_slice_is_bounded_in_bytes_too(path: Path) -> None:
    found = slices(path, (EVENT + b"\n") * 7, 100, Tally())
    assert [len(part.records) for part in found] == [3, 3, 1]


def test_an_empty_file_is_finished_at_once(path: Path) -> None:
    assert slices(path, b"", 2, Tally()) == [Slice(Progress(finished=True))]


def test_going_on_behind_any_slice_gives_the_rest(path: Path) -> None:
    content = b"\n".join([EVENT, b"temp", b"{", EVENT, b"x" * 500, EVENT])
    whole = slices(path, content, 2, Tally())
    for place, part in enumerate(whole[:-1], start=1):
        tally = Tally()
        rest = slices(path, content, 2, tally, part.progress)
        assert [other.progress for other in rest] == [other.progress for other in whole[place:]]
        assert tally.lines == 6 - part.progress.lines


def test_records_are_received_now_and_bad_lines_are_counted_and_shown(path: Path) -> None:
    tally, before = Tally(), time.time_ns() // 1_000_000
    content = EVENT.replace(b"opened", b"sung") + b"\n" + b"{\n" * 12 + b"x" * 101
    records = [record for part in slices(path, content, 100, tally) for record in part.records]
    assert all(before <= record.timestamp_ms <= time.time_ns() // 1_000_000 for record in records)
    assert (tally.lines, tally.accepted, tally.events) == (14, 1, {"other": 1})
    assert tally.quarantined == {"invalid_json": 12, "too_large": 1}
    assert [bad.line for bad in tally.examples] == list(range(2, 2 + EXAMPLES))
    assert dict(records[-1].headers)["bridge_error_line"] == b"14"


@pytest.mark.parametrize(("line", "kind"), [(EVENT, "raw"), (b"{", "quarantine"), (b"x" * 101, "quarantine")])
def test_records_have_the_headers_that_are_described(path: Path, line: bytes, kind: str) -> None:
    ((record,),) = (part.records for part in slices(path, line, 100, Tally()))
    texts = {name: value.decode() for name, value in record.headers}
    assert texts.keys() <= SCHEMAS[kind]["properties"].keys()
    Draft202012Validator(SCHEMAS[kind]).validate(texts)
