"""What a line of `bridge tail` tells of a record."""

import json

import pytest

from commands.tail.view import StreamFormat, printer
from commands.terminal.shown import document
from schemas.headers import ERROR_REASON
from tests.unit.commands.record.test_shown import Read


@pytest.mark.parametrize("output", [StreamFormat.JSON, StreamFormat.JSONL])
def test_a_stream_is_a_document_a_line(output: StreamFormat, capsys: pytest.CaptureFixture[str]) -> None:
    """`-o json` printed documents one behind the other, each on many lines, which no program reads."""
    show = printer(output)
    for offset in (1, 2):
        show(document("raw", Read(b"{}", offset=offset), unmasked=False))
    assert [json.loads(line)["position"] for line in capsys.readouterr().out.splitlines()] == ["3:1", "3:2"]


def test_what_was_refused_comes_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """The line said only that there is nothing to show."""
    refused = Read(b"{ no json", headers=[(ERROR_REASON, b"invalid_json")])
    printer(StreamFormat.TABLE)(document("quarantine", refused, unmasked=False))
    assert "invalid_json: (no event of NewStore's form" in capsys.readouterr().out
