"""Stubs that a worker left, and their bodies in raw."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from bridge.kafka.reading import Source
from bridge.settings import Settings
from commands.evidence import raw_bodies
from commands.evidence.kept import Kept, State
from commands.evidence.raw_bodies import RawBodies
from commands.evidence.reading import Selection, selected, unheard
from commands.evidence.shelves import Quarantine
from schemas import headers as header
from schemas.outcome import Reason
from schemas.oversize import oversize_stub, stub_value
from tests.unit.commands.damaged import Batch, DamagedLogs
from tests.unit.commands.evidence.records import NOW_MS, TABLE, body, kept

SETTINGS = Settings(tenant="acme", partitions=1)
RAW = TopicPartition(SETTINGS.topics.raw, 0)
LARGE = body(note="x" * 90_000)


def stub(value: bytes, partition: int = 0, offset: int = 1, topic: str = RAW.topic) -> Kept:
    """What a worker leaves of a raw record."""
    left = stub_value({}, len(value), value)
    headers = header.quarantine_headers(
        value=left,
        reason=Reason.HANDLER_FAILED,
        stage="dedupe",
        received_at_ms=NOW_MS,
        ce_source=header.source_of("acme"),
        is_stub=True,
        source=(topic, partition, offset),
    )
    return kept(left, headers)


async def whole(monkeypatch: pytest.MonkeyPatch, record: Kept, *, damaged: bool = False) -> Kept:
    """What becomes of the record, if raw has a small body and then a large one."""

    @asynccontextmanager
    async def reader(*_: Any) -> AsyncIterator[DamagedLogs]:
        yield DamagedLogs({RAW: [Batch(0, [(b"n", body(), ())]), Batch(1, [(b"n", LARGE, ())], damaged=damaged)]})

    monkeypatch.setattr(raw_bodies, "reader", reader)
    async with AsyncExitStack() as closing:
        return await RawBodies(SETTINGS, closing).whole(record)


async def test_a_stub_whose_body_raw_has_is_judged_by_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit was lowered and restored while the stub waited: nothing could publish it again."""
    found = await whole(monkeypatch, stub(LARGE))
    assert (found.body, found.event()) == (LARGE, "order.created")
    standing = Quarantine(SETTINGS).judge(found, TABLE, NOW_MS)
    assert standing.state is State.OPEN
    assert standing.raw is not None
    assert (standing.raw.value, dict(standing.raw.headers)[header.REPLAY]) == (LARGE, str(found.place).encode())


@pytest.mark.parametrize(
    "record",
    [
        stub(LARGE, offset=0),
        stub(LARGE, offset=2),
        stub(LARGE, partition=1),
        stub(LARGE, topic=SETTINGS.topics.orders),
        kept(LARGE, stub(LARGE).headers.items()),  # type: ignore[arg-type]
    ],
    ids=["another body lies there", "nothing does", "no such partition", "it is cleaned", "no stub"],
)
async def test_what_is_not_found_there_stays_what_it_is(monkeypatch: pytest.MonkeyPatch, record: Kept) -> None:
    assert await whole(monkeypatch, record) is record


async def test_so_does_one_whose_batch_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    record = stub(LARGE)
    assert await whole(monkeypatch, record, damaged=True) is record


async def test_raw_is_not_asked_for_what_the_ingress_has_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    left = oversize_stub(headers={}, size=9, read=b"", received_at_ms=NOW_MS, traceparent=None, tenant="acme")
    record = kept(left.value, left.headers)
    monkeypatch.delattr(raw_bodies, "reader")
    async with AsyncExitStack() as closing:
        assert await RawBodies(SETTINGS, closing).whole(record) is record


async def test_raw_is_not_asked_for_a_body_that_nobody_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may have 40 MiB: `quarantine list --reason too_large` read the bodies of all that handlers had failed on."""
    left = stub(LARGE)
    batch = Batch(0, [(b"", left.body, [*left.headers.items()])])
    consumer: Any = DamagedLogs({TopicPartition(SETTINGS.topics.quarantine, 0): [batch]})
    monkeypatch.delattr(raw_bodies, "reader")
    for selection in (
        Selection(frozenset([Source(0, 1)])),
        Selection(reason="too_large", event="order.created"),
        Selection(stage="ingress"),
    ):
        found = selected(consumer, SETTINGS, SETTINGS.topics.quarantine, selection, unheard)
        assert [kept async for kept in found] == []
