"""What takes long says so, also where no terminal shows a moving line."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace

import pytest

from commands.terminal import progress as module
from commands.terminal.progress import counted_progress, progress


def test_in_a_pipe_it_is_said_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    enough = Event()

    def say(sentence: str) -> None:
        said.append(sentence)
        if said.count("Reading: 7 records …") > 1:  # until then, "Reading …" may be said any number of times
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


@pytest.mark.parametrize(
    ("of", "before", "expected"),
    [
        ("records", "", ["Reading", "Reading: 7 records", "Reading: 1,007 records"]),
        ("of 2,000 orders", "", ["Reading", "Reading: 7 of 2,000 orders", "Reading: 1,007 of 2,000 orders"]),
        ("records", "Waiting", ["Waiting", "Reading: 7 records", "Reading: 1,007 records"]),
    ],
)
def test_what_is_counted_is_added_up(
    monkeypatch: pytest.MonkeyPatch, of: str, before: str, expected: list[str]
) -> None:
    said: list[str] = []

    @contextmanager
    def shown(what: str) -> Iterator[SimpleNamespace]:
        said.append(what)
        yield SimpleNamespace(update=said.append)

    monkeypatch.setattr(module, "progress", shown)
    with counted_progress("Reading", of, before=before) as on_progress:
        on_progress(7)
        on_progress(1_000)
    assert said == expected
