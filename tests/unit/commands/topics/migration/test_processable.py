"""What would end a migration halfway is a reason not to announce it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from bridge.topics import specs
from commands.topics.migration import processable
from commands.topics.migration.processable import all_can_be_processed
from processors.dedupe.decision import Seen
from schemas.headers import Headers, quarantine_headers
from schemas.outcome import Reason
from tests.unit.commands.damaged import Batch, DamagedLogs

SETTINGS = Settings(tenant="acme", partitions=1, ingress_max_body_bytes=10_000)
RAW, QUARANTINE = (TopicPartition(topic, 0) for topic in (SETTINGS.topics.raw, SETTINGS.topics.quarantine))
SEEN = TopicPartition(SETTINGS.topics.dedupe_changelog, 0)
ALL = {spec.name: 1 for spec in specs(SETTINGS)}
NAME = b"order.created"
LARGE = b"x" * 80_000


def aside(reason: Reason, offset: int) -> Headers:
    """Headers of a raw record that was put aside."""
    source = (SETTINGS.topics.raw, 0, offset)
    said = {"stage": "dedupe", "received_at_ms": 1, "ce_source": b"/newstore/acme", "source": source}
    return quarantine_headers(value=b"", reason=reason, is_stub=True, **said)  # type: ignore[arg-type]


async def look(
    monkeypatch: pytest.MonkeyPatch, raw: Sequence[Batch], quarantine: Sequence[Batch] = (), seen: Sequence[Batch] = ()
) -> list[int]:
    """How many records were read, batch by batch."""
    read: list[int] = []

    @asynccontextmanager
    async def reader(*_: Any) -> AsyncIterator[DamagedLogs]:
        yield DamagedLogs({RAW: raw, QUARANTINE: quarantine, SEEN: seen})

    monkeypatch.setattr(processable, "reader", reader)
    await all_can_be_processed(SETTINGS, ALL, read.append)
    return read


async def test_what_topics_take_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Topics have room for a body over the limit, as when the limit was lowered a little."""
    assert sum(await look(monkeypatch, [Batch(0, [(NAME, b"{}", ()), (NAME, LARGE[:70_000], ())])])) == 2


async def test_a_record_larger_than_topics_take_by_now_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MigrationRefused, match=rf"{RAW.topic}/0@1 has 80000 bytes, .* Set 80000 or more"):
        await look(monkeypatch, [Batch(0, [(NAME, b"{}", ()), (NAME, LARGE, ())])])


async def test_one_that_was_put_aside_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler failed on it when it came, so it has no key and no fact."""
    put_aside = [Batch(0, [(b"", b"{}", aside(Reason.HANDLER_FAILED, 0))])]
    assert await look(monkeypatch, [Batch(0, [(NAME, LARGE, ())])], put_aside) == [1, 1]
    others = [Batch(0, [(b"", b"{}", aside(Reason.HANDLER_FAILED, 1))])]
    with pytest.raises(MigrationRefused, match="/0@0 has"):
        await look(monkeypatch, [Batch(0, [(NAME, LARGE, ())])], others)


async def test_one_that_was_processed_after_all_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables, or raw itself, were made anew since; quarantine stays as it was."""
    put_aside = [Batch(0, [(b"", b"{}", aside(Reason.HANDLER_FAILED, 0))])]
    seen = [Batch(0, [(b"order.created/o-1", Seen(0, 0, 1, b"hash").pack(), ())])]
    with pytest.raises(MigrationRefused, match="/0@0 has"):
        await look(monkeypatch, [Batch(0, [(NAME, LARGE, ())])], put_aside, seen)


async def test_somebody_can_say_that_one_was_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """If quarantine has forgotten it and no version can process it, the headers that docs/migration.md names say so."""
    topic = RAW.topic.encode()
    said = [("bridge_error_reason", b"handler_failed"), ("bridge_error_topic", topic)]
    place = [("bridge_error_partition", b"0"), ("bridge_error_offset", b"0")]
    by_hand = [Batch(0, [(b"", b"", [*said, *place])])]
    assert await look(monkeypatch, [Batch(0, [(NAME, LARGE, ())])], by_hand) == [1, 1]


async def test_a_damaged_batch_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MigrationRefused, match=f"{RAW.topic}/0: offset 0 cannot be read"):
        await look(monkeypatch, [Batch(0, [(NAME, b"{}", ())], damaged=True)])
