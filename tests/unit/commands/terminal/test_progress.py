"""What takes long says so where no terminal shows a line that moves, too."""

from threading import Event

import pytest

from commands.terminal import progress as module
from commands.terminal.progress import progress


def test_in_a_pipe_it_is_said_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    enough = Event()

    def say(sentence: str) -> None:
        said.append(sentence)
        if len(said) > 1:
            enough.set()

    monkeypatch.setattr(module, "FIRST_AFTER_S", 0.01)
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    monkeypatch.setattr(module, "say", say)
    with progress("Reading") as told:
        told.update("Reading: 7 records")
        assert enough.wait(10)
    assert said[-1] == "Reading: 7 records …"


def test_what_is_soon_done_needs_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Reading"):
        pass
    assert capsys.readouterr().err == ""
