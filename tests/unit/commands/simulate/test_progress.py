"""How far a simulation is, where no terminal shows it."""

import asyncio
from collections.abc import Callable, Iterable

import pytest

from commands.simulate import command
from commands.simulate.event import Delivery
from commands.simulate.run import SendingResult
from commands.simulate.sender import Sending
from commands.terminal import progress


@pytest.mark.parametrize(("about", "told"), [(4_000, "Sending: 2 of about 4,000 …"), (None, "Sending: 2 …")])
def test_in_a_pipe_it_is_said_how_far_it_is(monkeypatch: pytest.MonkeyPatch, about: int | None, told: str) -> None:
    """The command said nothing until its end, even if nothing was accepted for minutes."""
    said: list[str] = []

    async def send(_: Iterable[Delivery], __: Sending, outcome: SendingResult, on_progress: Callable[[], None]) -> None:
        outcome.deliveries, outcome.accepted, outcome.rejected = 5, 1, 1
        on_progress()
        async with asyncio.timeout(5):
            while told not in said:  # a thread says it
                await asyncio.sleep(0.01)

    monkeypatch.setattr(command, "send", send)
    monkeypatch.setattr(progress, "FIRST_AFTER_S", 0.01)
    monkeypatch.setattr(progress, "EVERY_S", 0.01)
    monkeypatch.setattr(progress, "say", said.append)
    command.run([], Sending("http://127.0.0.1:1"), about)
