"""Writing what has changed into the changelogs, and the states of orders that moved or changed beside their rows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from commands.topics.migration.changes import Change
from processors.engine.crash import crash_point
from processors.engine.position import Position
from processors.engine.store import POSITION
from processors.engine.unit import Headers
from processors.orders.apply import OrderRules, state_of
from processors.orders.older_rows import load
from processors.orders.table import order_id_of, state_headers
from schemas.topics import Topics


class Write(NamedTuple):
    """A record to be; `timestamp` in milliseconds."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Headers


def by_row(changes: Iterable[Change], writes: Callable[[Change], Iterable[Write]]) -> Iterator[list[Write]]:
    """What the changes of each row key lead to: a row that moves is removed and written in one, or an order whose
    row a crash caught in between would be without the facts that raw no longer has."""
    for _, members in groupby(changes, key=attrgetter("key")):
        yield [write for change in members for write in writes(change)]


def seen_writes(topics: Topics, change: Change) -> Iterator[Write]:
    """What a changed row of "seen" leads to."""
    yield Write(topics.dedupe_changelog, change.partition, change.key, change.row, change.timestamp, [])


def order_writes(topics: Topics, rules: OrderRules, change: Change) -> Iterator[Write]:
    """What a changed row of "orders" leads to. The state goes where the row is; it goes from where the row was, too."""
    yield Write(topics.orders_changelog, change.partition, change.key, change.row, change.timestamp, [])
    order_id = order_id_of(change.key)
    if order_id is not None:
        yield _state_write(topics, rules, order_id, change)


def _state_write(topics: Topics, rules: OrderRules, order_id: bytes, change: Change) -> Write:
    if change.row is None:
        return Write(topics.order_state, change.partition, order_id, None, change.timestamp, [])
    order = load(change.row)
    headers = state_headers(order_id, order.tenant, order.revision, order.version, change.timestamp)
    state = state_of(change.row, rules)
    return Write(topics.order_state, change.partition, order_id, state, change.timestamp, headers)


def position_write(topic: str, partition: int, position: int, timestamp: int) -> Write:
    """A lane's own source position, in the changelog of one of its tables."""
    return Write(topic, partition, POSITION, Position(position).encode(), timestamp, [])


async def write_all(
    producer: AIOKafkaProducer, changed: Iterable[Sequence[Write]], most: int, most_bytes: int
) -> AsyncIterator[int]:
    """Write what each row's changes lead to, all of a row in one transaction; yields how many rows more are done.

    `most`: rows in a transaction; `most_bytes`: after that it takes no more, for an order may have megabytes.

    KafkaError: the last transaction may be done or not, which a new beginning finds out.
    """
    for group in _groups(changed, most, most_bytes):
        async with producer.transaction():
            await send(producer, [write for writes in group for write in writes])
        crash_point("migration-rows")
        yield len(group)


async def send(producer: AIOKafkaProducer, writes: Iterable[Write]) -> None:
    """Send records within the running transaction and wait for them: a commit does not notice a failed batch."""
    batches: dict[tuple[str, int], list[BatchBuilder]] = {}
    for topic, partition, key, value, timestamp, headers in writes:
        record: dict[str, Any] = {"key": key, "value": value, "timestamp": timestamp, "headers": headers}
        building = batches.setdefault((topic, partition), [producer.create_batch()])
        if building[-1].append(**record) is None:
            building.append(producer.create_batch())  # an empty batch takes a record of any size
            building[-1].append(**record)
    results = await asyncio.gather(*(_sent(producer, *of) for of in batches.items()), return_exceptions=True)
    for result in results:
        if result is not None:
            raise result


async def _sent(producer: AIOKafkaProducer, where: tuple[str, int], batches: Sequence[BatchBuilder]) -> None:
    for batch in batches:
        batch.close()
        await (await producer.send_batch(batch, where[0], partition=where[1]))


def _groups(changed: Iterable[Sequence[Write]], most: int, most_bytes: int) -> Iterator[list[Sequence[Write]]]:
    group: list[Sequence[Write]] = []
    size = 0
    for writes in changed:
        group.append(writes)
        size += sum(len(write.value or b"") for write in writes)
        if len(group) == most or size > most_bytes:
            yield group
            group, size = [], 0
    if group:
        yield group
