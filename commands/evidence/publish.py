"""Publishing kept records through raw, each once, even if a run is killed or others run at the same time."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final

from aiokafka import AIOKafkaConsumer

from bridge.intake import NewRecord
from bridge.kafka.reading import reader
from bridge.settings import Settings
from commands.evidence.kept import Shelf, State
from commands.evidence.plan import PublishPlan
from commands.evidence.reading import Selection, selected, unheard
from commands.terminal.progress import OnProgress
from schemas.keytable import KeyTable

_RECORDS: Final = 500
_BYTES: Final = 8 << 20
"""The most that one transaction has: the worker cannot read past an open one."""


WriteBatch = Callable[[Sequence[NewRecord]], Awaitable[None]]
"""Writes records as one transaction. Once it exists, no earlier writer's transaction is open: each one was committed,
and can be read, or was aborted."""


async def publish(
    settings: Settings,
    shelf: Shelf,
    plan: PublishPlan,
    write: WriteBatch,
    now_ms: Callable[[], int],
    on_sent: OnProgress,
) -> int:
    """Publish the plan's open records that raw does not have yet; return how many. Overtaken, KafkaError: run again."""
    count = 0
    async with reader(settings) as consumer:
        await plan.published.complete(settings, consumer)
        left = Selection(frozenset(plan.open - plan.published.places))
        if not left.places:
            return 0
        async with aclosing(_copies(settings, consumer, shelf, plan.table, left, now_ms)) as batches:
            async for batch in batches:
                await write(batch)
                on_sent(len(batch))
                count += len(batch)
        await plan.published.complete(settings, consumer)  # so that the next command finds these copies
    return count


async def _copies(
    settings: Settings,
    consumer: AIOKafkaConsumer,
    shelf: Shelf,
    table: KeyTable,
    left: Selection,
    now_ms: Callable[[], int],
) -> AsyncGenerator[Sequence[NewRecord], None]:
    """The raw records to write, one batch a transaction."""
    batch: list[NewRecord] = []
    size = 0
    async with aclosing(selected(consumer, settings, shelf.topic, left, unheard)) as records:
        async for kept in records:
            standing = shelf.judge(kept, table, now_ms())
            raw = standing.raw
            if raw is None or standing.state is not State.OPEN:  # by now it is too old: it was open in the plan
                continue
            if batch and (len(batch) == _RECORDS or size + len(raw.value) > _BYTES):
                yield batch
                batch, size = [], 0
            batch.append(raw)
            size += len(raw.value)
    if batch:
        yield batch
