"""A topic that is followed while Kafka is away."""

import asyncio

import pytest

from bridge.settings import Settings
from commands.terminal import outages
from commands.terminal.outages import telling_outages


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
    async with telling_outages(Settings(tenant="acme", kafka_bootstrap_servers="kafka:9092")):
        await over.wait()
    away, again = capsys.readouterr().err.splitlines()
    assert away.startswith("no answer from kafka:9092 any more; still waiting")
    assert again == "kafka:9092 answers again"
