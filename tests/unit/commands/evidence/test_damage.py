"""A list of kept records where a batch is damaged: what can be read is listed, and the rest is named."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.structs import TopicPartition

from bridge.settings import Settings
from commands.evidence import commands, listing
from commands.evidence.commands import show_list
from commands.evidence.listing import Listing, make_listing
from commands.evidence.quarantine_command import _SHEET
from commands.evidence.reading import Selection, unheard
from commands.evidence.shelves import Quarantine
from commands.terminal.damage import Damage
from commands.terminal.lists import ListFormat
from tests.unit.commands.damaged import TIME_MS, Batch, DamagedLogs

SETTINGS = Settings(tenant="acme", partitions=1)
KEPT = TopicPartition(SETTINGS.topics.quarantine, 0)
HEADERS = [("bridge_error_reason", b"invalid_json"), ("bridge_error_stage", b"ingress")]


async def test_it_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log = [Batch(place, [(b"", b"{ no json", HEADERS)], damaged=place == 1) for place in range(3)]

    @asynccontextmanager
    async def reader(_settings: Settings) -> AsyncIterator[DamagedLogs]:
        yield DamagedLogs({KEPT: log})

    async def rules(_settings: Settings) -> None:
        return None

    monkeypatch.setattr(listing, "reader", reader)
    monkeypatch.setattr(listing, "read_rules", rules)
    found = await make_listing(SETTINGS, Quarantine(SETTINGS), Selection(), None, 10, TIME_MS, unheard)
    assert [row.kept.place.offset for row in found.rows] == [0, 2]
    assert found.damage == [Damage(KEPT, 1, 2)]


def test_it_is_said_beside_the_list(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def made(*_: object) -> Listing:
        return Listing([], 0, damage=[Damage(KEPT, 7, 9)])

    monkeypatch.setattr(commands, "_listing", made)
    monkeypatch.setattr(commands, "run", lambda _, task: asyncio.run(task))
    show_list(SETTINGS, Quarantine(SETTINGS), Selection(), None, 10, _SHEET, ListFormat.JSON)
    told = capsys.readouterr().err
    assert f"{KEPT.topic}/0: offsets 7 to 8 cannot be read" in told
    assert "the first offset behind it is 9" in told
