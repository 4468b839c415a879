"""A ledger of topics of which a batch cannot be read: that is told, and all else is compared."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from bridge.settings import Settings
from commands.terminal.damage import Damage
from commands.terminal.output import InertConsole
from commands.verify import audit
from commands.verify.audit import verify
from commands.verify.balance import Fault, Ledger
from commands.verify.view import document, show
from schemas.keytable import KeyTable
from schemas.outcome import Outcome
from tests.unit.commands.damaged import TIME_MS, Batch, DamagedLogs
from tests.unit.commands.verify.records import body

SETTINGS = Settings(tenant="acme", partitions=1)
RAW, ORDERS = (TopicPartition(name, 0) for name in (SETTINGS.topics.raw, SETTINGS.topics.orders))
OPENED, CREATED = (body(name, {"id": "o1"}) for name in ("order.opened", "order.created"))


def raw(offset: int, *bodies: bytes, damaged: bool = False) -> Batch:
    return Batch(offset, [(b"key", each, ()) for each in bodies], damaged=damaged)


def cleaned(offset: int, event: bytes, name: str, source: str, *, damaged: bool = False) -> Batch:
    headers = [("bridge_source", source.encode()), ("ce_id", f"acme/{name}/o1".encode())]
    return Batch(offset, [(b"o1", event, headers)], damaged=damaged)


async def ledger(monkeypatch: pytest.MonkeyPatch, **logs: list[Batch]) -> Ledger:
    """Of a deployment whose workers have processed everything."""
    of = {RAW: logs["raw"], ORDERS: logs["orders"]}
    others = [*SETTINGS.topics.cleaned.values(), SETTINGS.topics.conflicts, SETTINGS.topics.quarantine]
    empty: Mapping[TopicPartition, list[Batch]] = {TopicPartition(name, 0): [] for name in others}

    @asynccontextmanager
    async def reader(_settings: Settings) -> AsyncIterator[DamagedLogs]:
        yield DamagedLogs({**empty, **of})

    async def all_of_it(_settings: Any, _consumer: Any, _starts: Any, ends: Any, _deadline: float) -> Any:
        return ends

    async def rules(_settings: Settings) -> Any:
        return SimpleNamespace(key_table=KeyTable.shipped(), epochs=())

    monkeypatch.setattr(audit, "reader", reader)
    monkeypatch.setattr(audit, "processed_up_to", all_of_it)
    monkeypatch.setattr(audit, "check_rules", rules)
    return await verify(SETTINGS, 0.0, TIME_MS, lambda _: None)


async def test_what_cannot_be_read_of_raw_is_no_fault_of_what_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it one that what came before is dropped behind it: a duplicate of what nobody can read any more."""
    found = await ledger(
        monkeypatch,
        raw=[raw(0, OPENED), raw(1, CREATED, damaged=True), raw(2, CREATED)],
        orders=[cleaned(0, OPENED, "order.opened", "0:0"), cleaned(1, CREATED, "order.created", "0:1")],
    )
    assert (found.raw, found.faults.total()) == (2, 0)
    assert found.outcomes == {Outcome.UNIQUE: 1, Outcome.DUPLICATE: 1}
    assert (found.unreadable, found.balanced) == ([Damage(RAW, 1, 2)], False)


async def test_what_was_never_processed_of_it_may_pass_when_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ledger(
        monkeypatch,
        raw=[raw(0, OPENED), raw(1, CREATED, damaged=True), raw(2, CREATED)],
        orders=[cleaned(0, OPENED, "order.opened", "0:0"), cleaned(1, CREATED, "order.created", "0:2")],
    )
    assert (found.faults.total(), found.outcomes) == (0, {Outcome.UNIQUE: 2})


async def test_what_cannot_be_read_of_a_cleaned_topic_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ledger(
        monkeypatch,
        raw=[raw(0, OPENED, CREATED)],
        orders=[cleaned(0, OPENED, "order.opened", "0:0", damaged=True), cleaned(1, CREATED, "order.created", "0:1")],
    )
    assert found.faults == {Fault.LOST: 1}
    assert found.unreadable == [Damage(ORDERS, 0, 1)]


def test_it_is_told_with_the_offset_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = Ledger(unreadable=[Damage(RAW, 7, 10)])
    show(InertConsole(width=200), found)
    text = " ".join(capsys.readouterr().out.split())
    assert f"{RAW.topic}/0: offsets 7 to 9 cannot be read" in text
    assert "the first offset behind it is 10" in text
    assert "Not balanced" in text
    (told,) = document(found)["unreadable"]
    assert told == {"topic": RAW.topic, "partition": 0, "first_offset": 7, "offset_behind": 10}
    assert document(found)["balanced"] is False
