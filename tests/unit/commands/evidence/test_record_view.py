"""A kept record on a terminal and in a pipe: readable, unaltered, and without effect on either."""

import io
from typing import Any

import pytest

from commands.evidence.kept import Kept
from commands.evidence.record_view import conflict_document, document, one_line, show, show_conflict
from commands.terminal.output import InertConsole
from tests.unit.commands.evidence.records import body, conflict, kept, quarantined
from tests.unit.commands.record.test_shown import Read


def shown(*arguments: object, view: object = show) -> str:
    console = InertConsole(file=io.StringIO(), width=200)
    view(console, *arguments)  # type: ignore[operator]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        ("Zoë 鞄".encode(), "Zoë 鞄"),
        (b"\x1b[31mred\x07\r\n", r"\x1b[31mred\x07\r\n"),
        ("\x9b31m\u202e".encode(), r"\x9b31m\u202e"),
        (b"\xff\xfe", r"\xff\xfe"),
    ],
)
def test_no_byte_does_anything_to_a_terminal(value: bytes, text: str) -> None:
    assert one_line(value) == text


def test_json_is_laid_out() -> None:
    text = shown(quarantined(body(tenant="other")))
    assert "bridge_error_reason" in text
    assert '  "tenant": "other",\n' in text


def test_a_number_is_never_shown_as_another_one() -> None:
    """Formatted, the number would be a float's shortest form."""
    assert "1.00000000000000000001" in shown(kept(b'{"amount": 1.00000000000000000001}', []))


def test_markup_in_a_body_is_text() -> None:
    assert "[bold]x[/]" in shown(kept(b"[bold]x[/]", []))


def test_a_body_is_text_in_json_where_it_is_text() -> None:
    assert document(kept(b"{ no json", []))["body"] == "{ no json"
    assert document(kept(b"\xff", []))["body_base64"] == "/w=="


def test_a_header_without_a_value_is_empty() -> None:
    """Kafka headers may lack one: the view and lists ended in a traceback."""
    without: Any = [("x", None), ("bridge_error_reason", None)]
    one = Kept.of(Read(b"{}", headers=without))
    assert document(one)["headers"] == {"x": "", "bridge_error_reason": ""}
    assert "bridge_error_reason" in shown(one)


def test_a_conflict_stands_beside_the_first_of_its_key() -> None:
    second = conflict(body(note="b"))
    found = conflict_document(second, kept(body(note="a"), []))
    assert found["differences"] == [{"field": "payload.note", "first": '"a"', "second": '"b"'}]
    assert found["first"]["body"] == body(note="a").decode()
    lines = shown(second, kept(body(note="a"), []), view=show_conflict).splitlines()
    assert lines[-1].split() == ["payload.note", '"a"', '"b"']


def test_values_that_differ_are_whole_however_long_they_are() -> None:
    """Long values were cut at a mark, behind which they may have differed."""
    long = "x" * 300
    lines = shown(conflict(body(note=f"{long}b")), kept(body(note=f"{long}a"), []), view=show_conflict).splitlines()
    head = [line.split() for line in lines].index(["field", "first", "conflict"])
    told = "".join(lines[head + 1 :])
    assert told.count("x") == 2 * len(long)
    assert 'a"' in told
    assert 'b"' in told


def test_values_that_differ_in_a_blank_differ_where_their_lines_end_too() -> None:
    """Broken between words, both values had the blanks at a line's end, where nobody can count them."""
    one, two = (f"{'x' * 80}{blanks}{'y' * 80}" for blanks in (" ", "  "))
    lines = shown(conflict(body(note=two)), kept(body(note=one), []), view=show_conflict).splitlines()
    head = [line.split() for line in lines].index(["field", "first", "conflict"])
    ends = ["".join(columns) for columns in zip(*(line.split() for line in lines[head + 2 :]), strict=True)]
    assert len(ends) == 2
    assert ends[0] != ends[1]


def test_the_first_of_the_key_may_be_gone() -> None:
    second = conflict(body(note="b"))
    found = conflict_document(second, None)
    assert (found["first"], found["differences"]) == (None, None)
    assert "0:1 in raw, is not there any more" in shown(second, None, view=show_conflict)
