"""Lists of kept records as people and programs get them, in every width and format."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bridge.kafka.reading import Source
from commands.evidence import listing, quarantine_command, view
from commands.evidence.kept import State
from commands.evidence.listing import START_BYTES, ListedRecord, Listing, Newest
from commands.evidence.plan import Group, PublishPlan
from commands.evidence.published import Published
from commands.evidence.shelves import Quarantine
from commands.evidence.view import Sheet
from commands.terminal import lists
from commands.terminal.lists import ListFormat
from commands.terminal.output import InertConsole
from schemas.headers import ERROR_REASON, Headers
from schemas.keytable import KeyTable
from schemas.oversize import oversize_stub
from tests.unit.commands.evidence.records import NOW_MS, TABLE, body, kept, quarantined, settings

Printed = Callable[..., str]
SHEET: Sheet = quarantine_command._SHEET
LONG = body("fulfillment_request.items_ready_for_handover", tenant="other", note="x" * 300)


def listed(value: bytes) -> ListedRecord:
    kept = quarantined(value)
    return ListedRecord(kept, kept.event(), len(value), State.REFUSED, "", ())


LISTING = Listing([listed(b"{ no json"), listed(LONG)], 7)


def test_reasons_are_counted_over_all_and_not_only_over_the_newest() -> None:
    newest = Newest(1)
    for place, extra in enumerate([{}, {}, {ERROR_REASON: b"of a later version"}]):
        kept = replace(quarantined(b"{ no json"), place=Source(0, place))
        newest.add(replace(listed(b"{ no json"), kept=replace(kept, headers={**kept.headers, **extra})))
    assert (len(newest.rows()), newest.reasons) == (1, {"invalid_json": 2, "unknown": 1})


@pytest.mark.parametrize(
    ("rows", "matching", "told"),
    [(0, 0, "No records."), (1, 1, "1 record."), (2, 2, "2 records."), (1, 1200, "1 of 1,200 records, the newest.")],
)
def test_a_list_ends_with_how_much_of_it_there_is(
    capsys: pytest.CaptureFixture[str], rows: int, matching: int, told: str
) -> None:
    listing = Listing([listed(b"{ no json")] * rows, matching)
    view.show(InertConsole(stderr=True), listing, SHEET, ListFormat.TABLE)
    assert capsys.readouterr().err == f"{told}\n"


@pytest.mark.parametrize("output", [ListFormat.NAME, ListFormat.JSONL])
def test_what_a_program_gets_of_a_longer_list_is_said(capsys: pytest.CaptureFixture[str], output: ListFormat) -> None:
    """Of 10,000 records, a pipeline replayed 100 and ended as if these had been all."""
    view.show(InertConsole(stderr=True), Listing([listed(b"{ no json")], 1200), SHEET, output)
    assert capsys.readouterr().err == "1 of 1,200 records, the newest.\n"
    view.show(InertConsole(stderr=True), Listing([listed(b"{ no json")], 1), SHEET, output)
    assert capsys.readouterr().err == ""


def test_a_plan_has_a_line_for_each_reason_and_not_for_each_body(capsys: pytest.CaptureFixture[str]) -> None:
    """Cut-off bodies end at places of their own: a flood of them filled thousands of lines."""
    plan = PublishPlan(Published("bridge_replay", {}), KeyTable({}))
    for offset in range(50):
        plan.add(Source(0, offset), Group(None, State.REFUSED, f"invalid_json: Extra data: char {offset}"))
    plan.add(Source(1, 0), Group("order.created", State.REFUSED, "invalid_payload: no object"))
    view.show_plan(InertConsole(stderr=True, width=200), plan, "raw")
    _, one, many, end = capsys.readouterr().err.splitlines()
    assert many.split() == ["50", "0:0", *["would", "be", "quarantined", "again", "(invalid_json)"]]
    assert one.endswith("(invalid_payload: no object)")
    assert end == "Nothing to do."


def test_a_stub_is_as_large_as_what_it_stands_for() -> None:
    """The list said 215 bytes for a body that was refused for its 9 MB."""
    told: dict[str, Any] = {"headers": {}, "read": b"", "received_at_ms": NOW_MS, "traceparent": None}
    stub = oversize_stub(size=9_000_114, tenant="acme", **told)
    rows = [listing_row(stub.value, stub.headers), listing_row(b"{ no stub", stub.headers)]
    assert [row.size for row in rows] == [9_000_114, 9]


def listing_row(value: bytes, headers: Headers) -> ListedRecord:
    return listing._row(Quarantine(settings()), kept(value, headers), (), TABLE, NOW_MS)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """`printed(format, width)`: what goes to stdout; without a width, to a pipe."""

    def show(output: ListFormat, width: int | None = None) -> str:
        file = io.StringIO()
        console = InertConsole(file=file, width=width or 200, soft_wrap=True, force_terminal=width is not None)
        monkeypatch.setattr(lists, "console", lambda: console)
        view.show(InertConsole(stderr=True), LISTING, SHEET, output)
        return file.getvalue() + capsys.readouterr().out

    return show


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_list_fits_the_terminal(printed: Printed, width: int) -> None:
    """At 80 and 120 columns the list showed only the body."""
    lines = [strip(line) for line in printed(ListFormat.TABLE, width).splitlines()]
    assert lines[0].split()[:4] == ["position", "event", "received", "reason"]
    assert lines[0].split()[-1] == "body"
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    assert lines[1].split()[:4] == ["3:17", "2023-11-14", "22:13:20", "invalid_json"]
    assert lines[2].endswith("…")


def test_in_a_pipe_and_wide_nothing_is_left_out(printed: Printed) -> None:
    for output, width in ((ListFormat.TABLE, None), (ListFormat.WIDE, 80), (ListFormat.WIDE, None)):
        lines = [strip(line) for line in printed(output, width).splitlines()]
        expected = ["position", "event", "received", "reason", "state", "stage", "bytes", "body"]
        assert lines[0].split() == expected
        assert lines[2].endswith('xxx"}}')


def test_programs_get_a_record_a_line_and_other_commands_positions(printed: Printed) -> None:
    lines = printed(ListFormat.JSONL, 80).splitlines()
    assert [json.loads(line)["reason"] for line in lines] == ["invalid_json", "other_tenant"]
    assert printed(ListFormat.NAME, 80) == "3:17\n3:17\n"


def test_more_of_a_body_is_kept_than_a_wide_terminal_shows() -> None:
    assert START_BYTES >= 200


def strip(line: str) -> str:
    return line.replace("\x1b[1m", "").replace("\x1b[0m", "")
