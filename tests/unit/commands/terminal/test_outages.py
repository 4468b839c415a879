"""A command that runs while Kafka is away."""

import asyncio

import pytest

from bridge.settings import Settings
from commands.terminal import outages
from commands.terminal.first_contact import Contact
from commands.terminal.outages import telling_outages

SETTINGS = Settings(tenant="acme", kafka_bootstrap_servers="kafka:9092")


async def test_an_outage_is_said_once_and_its_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = iter([True, False, False, True])
    over = asyncio.Event()

    async def answers(_settings: Settings) -> bool:
        if (found := next(looks, None)) is None:
            over.set()
            await asyncio.Event().wait()
        return bool(found)

    monkeypatch.setattr(outages, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(outages, "answers", answers)
    async with telling_outages(SETTINGS, Contact(answers=True)):
        await over.wait()
    away, again = capsys.readouterr().err.splitlines()
    assert away.startswith("no answer from kafka:9092 any more; still waiting")
    assert again == "kafka:9092 answers again"


async def test_a_first_answer_that_has_not_come_is_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was never there is not away "any more". Others say that there is no answer yet."""
    contact, told = Contact(), asyncio.get_running_loop().create_future()

    async def answers(_settings: Settings) -> bool:
        assert contact.answers
        return False

    monkeypatch.setattr(outages, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(outages, "answers", answers)
    monkeypatch.setattr(outages, "say", told.set_result)
    async with telling_outages(SETTINGS, contact), asyncio.timeout(5):
        for _ in range(20):
            await asyncio.sleep(0)
        assert not told.done()
        contact.answers = True
        assert "any more; still waiting" in await told
