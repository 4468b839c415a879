"""Which records count as what NewStore sends."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from commands.status import arrivals
from schemas.events import TEST_EVENT
from tests.unit.commands.record.test_shown import Read
from tests.unit.commands.status.pictures import RAW


async def test_a_test_event_of_doctor_is_no_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would end the problem that no event has come for a day."""
    records = [Read(b"{}", RAW, 0, 7, 1_000, b"order.opened"), Read(b"{}", RAW, 0, 8, 2_000, TEST_EVENT.encode())]

    async def read_range(*_: object) -> AsyncIterator[list[Read]]:
        yield records

    monkeypatch.setattr(arrivals, "read_range", read_range)
    consumer: Any = None
    at = TopicPartition(RAW, 0)
    found = [each async for each in arrivals._latest(consumer, {at: 0}, {at: 9})]
    assert [each.event for each in found] == ["order.opened"]
