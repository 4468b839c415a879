"""Ledgers of a deployment whose workers have processed everything."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from bridge.kafka.open_transactions import OpenTransaction
from bridge.settings import Settings
from commands.verify import audit
from commands.verify.audit import verify
from commands.verify.balance import Ledger
from schemas.keytable import KeyTable
from tests.unit.commands.damaged import TIME_MS, Batch, DamagedLogs
from tests.unit.commands.verify.records import body

SETTINGS = Settings(tenant="acme", partitions=1)
RAW, ORDERS = (TopicPartition(name, 0) for name in (SETTINGS.topics.raw, SETTINGS.topics.orders))
STATES, CHANGELOG = (
    TopicPartition(name, 0) for name in (SETTINGS.topics.order_state, SETTINGS.topics.orders_changelog)
)
OPENED, CREATED = (body(name, {"id": "o1"}) for name in ("order.opened", "order.created"))


def raw(offset: int, *bodies: bytes, damaged: bool = False) -> Batch:
    return Batch(offset, [(b"key", each, ()) for each in bodies], damaged=damaged)


def cleaned(offset: int, event: bytes, name: str, source: str, *, damaged: bool = False) -> Batch:
    headers = [("bridge_source", source.encode()), ("ce_id", f"acme/{name}/o1".encode())]
    return Batch(offset, [(b"o1", event, headers)], damaged=damaged)


async def ledger(monkeypatch: pytest.MonkeyPatch, epochs: Sequence[Sequence[int]] = (), **logs: list[Batch]) -> Ledger:
    """The ledger of these logs of `raw` and `orders`, each of one partition. Rules began at the offsets in `epochs`.
    The one order has its document."""
    of = {RAW: logs["raw"], ORDERS: logs["orders"], STATES: [Batch(0, [(b"o1", b"{}", ())])], CHANGELOG: []}
    others = [*SETTINGS.topics.cleaned.values(), SETTINGS.topics.conflicts, SETTINGS.topics.quarantine]
    empty: Mapping[TopicPartition, list[Batch]] = {TopicPartition(name, 0): [] for name in others}

    return await ledger_of(monkeypatch, DamagedLogs({**empty, **of}), SETTINGS, epochs, TIME_MS)


async def ledger_of(
    monkeypatch: pytest.MonkeyPatch,
    consumer: Any,
    settings: Settings,
    epochs: Sequence[Sequence[int]],
    now_ms: int,
    since_ms: int | None = None,
    behind: int = 0,
    hidden: Sequence[OpenTransaction] = (),
) -> Ledger:
    """The ledger of what a consumer reads. All is processed, but for the last `behind` records of `orders`."""

    @asynccontextmanager
    async def reader(_settings: Settings) -> AsyncIterator[Any]:
        yield consumer

    async def all_of_it(_settings: Any, _consumer: Any, _starts: Any, ends: Any, _deadline: float) -> Any:
        return {p: end - behind if p.topic == settings.topics.orders else end for p, end in ends.items()}

    async def none(_settings: Settings, _starts: Any, _deadline: float) -> int:
        return 0

    async def rules(_settings: Settings) -> Any:
        return SimpleNamespace(key_table=KeyTable.shipped(), epochs=epochs)

    async def left(_settings: Settings, of: list[TopicPartition], _deadline: float) -> list[OpenTransaction]:
        return [each for each in hidden if each.partition in of]

    monkeypatch.setattr(audit, "reader", reader)
    monkeypatch.setattr(audit, "wait_for_their_ends", left)
    monkeypatch.setattr(audit, "processed_up_to", all_of_it)
    monkeypatch.setattr(audit, "missed_before", none)
    monkeypatch.setattr(audit, "check_rules", rules)
    return await verify(settings, 0.0, now_ms, lambda _: None, since_ms)
