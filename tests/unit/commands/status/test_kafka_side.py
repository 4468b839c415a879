"""What status says of what Kafka did not tell in time."""

import asyncio

import pytest

from commands.status import kafka_side
from commands.status.picture import KafkaSide
from commands.status.problems import problems
from tests.unit.commands.status.pictures import SETTINGS, picture


async def never() -> bool:
    return await asyncio.Event().wait()


async def test_a_broker_is_not_blamed_for_what_takes_long_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_side, "PATIENCE_S", 0.0)
    questions = kafka_side._Questions(SETTINGS)
    assert await questions._answer("the group", never) is None
    assert await questions._counted(set(), "quarantine", never) is None
    silent, slow = problems(picture(kafka=KafkaSide(questions._troubles)))
    assert "no answer from" in silent.what
    assert "too much to read" in slow.what
    assert "bridge quarantine list --since 1h" in (slow.remedy or "")
