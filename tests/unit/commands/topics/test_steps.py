"""Long work says which step is under way, also where no terminal shows a moving line."""

from queue import Queue

import pytest

from commands.terminal import progress
from commands.topics.steps import told_steps

MOST = 1000
"""How many sentences of the step before may still come: one every 10 ms."""


def test_in_a_pipe_the_step_is_said_and_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration said nothing while it waited, until its end."""
    said = Queue[str]()

    def is_said(sentence: str) -> bool:
        return any(said.get(timeout=60) == sentence for _ in range(MOST))

    for name, value in (("FIRST_AFTER_S", 0.01), ("EVERY_S", 0.01), ("say", said.put)):
        monkeypatch.setattr(progress, name, value)
    with told_steps() as steps:
        steps.begin("Waiting until nobody writes any more")
        assert is_said("Waiting until nobody writes any more …")
        steps.begin("Reading raw", 4000)
        steps.advance(1000)
        steps.advance(500)
        assert is_said("Reading raw: 1,500 of 4,000 records …")
        steps.begin("Writing rows")
        steps.advance(7)
        assert is_said("Writing rows: 7 records …")
