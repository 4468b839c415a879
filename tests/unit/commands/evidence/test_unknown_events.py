"""What publishes by `--event` refuses an unknown name: a script with a slip in it looked done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import typer
from aiokafka.structs import TopicPartition

from bridge.kafka.reading import Source
from bridge.settings import Settings
from commands.evidence import actions, plan
from commands.evidence.kept import State
from commands.evidence.plan import Group, PublishPlan
from commands.evidence.published import Published
from commands.evidence.reading import Selection
from commands.evidence.shelves import Conflicts
from schemas.headers import ACCEPT
from schemas.keytable import KeyTable
from tests.unit.commands.damaged import Batch, DamagedLogs

SETTINGS = Settings(tenant="acme", partitions=1, events=("acme.parcel_lost",))
SHELF = Conflicts(SETTINGS)
KEPT = TopicPartition(SHELF.topic, 0)


def publish(monkeypatch: pytest.MonkeyPatch, event: str, *events: str, found: int = 0) -> None:
    """Publish with `--all --event`. Records of `events` are kept; the other options leave `found` of them."""
    made = PublishPlan(Published(ACCEPT, {}), KeyTable.shipped())
    for offset in range(found):
        made.add(Source(0, offset), Group(event, State.PASSED_ON, ""))

    @asynccontextmanager
    async def reader(*_: Any) -> AsyncIterator[DamagedLogs]:
        yield DamagedLogs({KEPT: [Batch(0, [(name.encode(), b"{}", ()) for name in events])]} if events else {})

    async def there(_settings: Settings) -> None:
        return None

    async def planned(*_: Any) -> PublishPlan:
        return made

    monkeypatch.setattr(plan, "reader", reader)
    monkeypatch.setattr(actions, "require_topics", there)
    monkeypatch.setattr(actions, "make_plan", planned)
    monkeypatch.setattr(actions, "run", lambda _, task: asyncio.run(task))
    actions.publish(SETTINGS, SHELF, Selection(event=event), "bridge conflicts accept", everything=True, yes=True)


@pytest.mark.parametrize("event", ["order.opened", "acme.parcel_lost"])
def test_a_name_that_is_known_may_have_no_record(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], event: str
) -> None:
    publish(monkeypatch, event, "order.created")
    assert "Nothing to do." in capsys.readouterr().err


@pytest.mark.parametrize("found", [0, 1])
def test_so_may_one_that_a_record_has_whatever_the_other_options_leave(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: int
) -> None:
    publish(monkeypatch, "order.reopened", "order.reopened", found=found)
    assert "Nothing to do." in capsys.readouterr().err


def test_any_other_name_is_refused_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        publish(monkeypatch, "ordr.opened", "order.created", "x.y", "x.y")
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err.splitlines() == [
        f'No record of {SHELF.topic} is of an event "ordr.opened", and nothing else knows one.',
        "hint: it has records of x.y, order.created.",
    ]


def test_where_there_are_none_none_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        publish(monkeypatch, "ordr.opened")
    assert "hint" not in capsys.readouterr().err
