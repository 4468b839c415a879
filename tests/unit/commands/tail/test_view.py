"""What a line of `bridge tail` tells of a record."""

import pytest

from commands.record.shown import document
from commands.tail.view import StreamFormat, printer
from schemas.headers import ERROR_REASON
from tests.unit.commands.record.test_shown import Read


def test_what_was_refused_comes_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """It told that there is nothing to be shown, and nothing else."""
    refused = Read(b"{ no json", headers=[(ERROR_REASON, b"invalid_json")])
    printer(StreamFormat.TABLE)(document("quarantine", refused, unmasked=False))
    assert "invalid_json: (no event of NewStore's form" in capsys.readouterr().out
