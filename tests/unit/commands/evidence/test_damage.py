"""Lists of kept records with a damaged batch: what can be read is listed, and the rest is named."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import typer
from aiokafka.structs import TopicPartition

from bridge.kafka.reading import Source
from bridge.settings import Settings
from commands.evidence import actions, listing
from commands.evidence.actions import record_at, required_record, show_list
from commands.evidence.listing import Listing, make_listing
from commands.evidence.quarantine_command import _SHEET
from commands.evidence.reading import Selection, unheard
from commands.evidence.shelves import Quarantine
from commands.terminal import records
from commands.terminal.damage import Damage
from commands.terminal.lists import ListFormat
from commands.terminal.rules_in_force import RulesInForce
from tests.unit.commands.damaged import TIME_MS, Batch, DamagedLogs

SETTINGS = Settings(tenant="acme", partitions=1)
KEPT = TopicPartition(SETTINGS.topics.quarantine, 0)
HEADERS = [("bridge_error_reason", b"invalid_json"), ("bridge_error_stage", b"ingress")]
LOG = [Batch(place, [(b"", b"{ no json", HEADERS)], damaged=place == 1) for place in range(3)]


@asynccontextmanager
async def reader(*_: Any) -> AsyncIterator[DamagedLogs]:
    yield DamagedLogs({KEPT: LOG})


async def test_it_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rules(settings: Settings) -> RulesInForce:
        return RulesInForce((), settings.key_table)

    monkeypatch.setattr(listing, "reader", reader)
    monkeypatch.setattr(listing, "rules_in_force", rules)
    found = await make_listing(SETTINGS, Quarantine(SETTINGS), Selection(), None, 10, TIME_MS, unheard)
    assert [row.kept.place.offset for row in found.rows] == [0, 2]
    assert found.damage == [Damage(KEPT, 1, 2)]


def test_it_is_said_beside_the_list(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def made(*_: object) -> Listing:
        return Listing([], 0, damage=[Damage(KEPT, 7, 9)])

    monkeypatch.setattr(actions, "_listing", made)
    monkeypatch.setattr(actions, "run", lambda _, task: asyncio.run(task))
    show_list(SETTINGS, Quarantine(SETTINGS), Selection(), None, 10, _SHEET, ListFormat.JSON)
    told = capsys.readouterr().err
    assert f"{KEPT.topic}/0: offsets 7 to 8 cannot be read" in told
    assert "the first offset behind it is 9" in told


def test_a_record_in_it_is_told_with_the_offset_behind_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`bridge record show` named that offset; here it was only said that a batch is damaged."""

    async def there(_settings: Settings) -> None:
        return None

    monkeypatch.setattr(records, "require_topics", there)
    monkeypatch.setattr(records, "reader", reader)
    assert required_record(SETTINGS, KEPT.topic, Source(0, 2)).body == b"{ no json"
    assert record_at(SETTINGS, KEPT.topic, Source(0, 3)) is None
    with pytest.raises(typer.Exit):
        required_record(SETTINGS, KEPT.topic, Source(0, 1))
    told = capsys.readouterr().err
    assert f"{KEPT.topic}/0: offset 1 cannot be read" in told
    assert "the first offset behind it is 2" in told


def test_of_a_partition_that_there_is_not_kafka_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer that is closed unused ends the command in a traceback."""

    async def there(_settings: Settings) -> None:
        return None

    monkeypatch.setattr(records, "require_topics", there)
    monkeypatch.delattr(records, "reader")
    for partition in (-1, SETTINGS.partitions):
        assert record_at(SETTINGS, KEPT.topic, Source(partition, 0)) is None
