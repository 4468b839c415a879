"""Writing changed rows into the changelogs, and the states of orders that moved or changed into their topics."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from aiokafka import AIOKafkaProducer

from commands.terminal.sending import Write, send
from commands.topics.migration.changes import Change
from processors.engine.crash import crash_point
from processors.engine.position import Position
from processors.engine.store import POSITION
from processors.orders.apply import OrderRules, lines_of, state_of
from processors.orders.older_rows import load
from processors.orders.render.lines import deleted_lines
from processors.orders.row import Row
from processors.orders.state_headers import Made, line_headers, shared_by_lines, state_headers
from processors.orders.table import order_id_of
from schemas.topics import Topics

LinesBefore = Callable[[bytes, int], Iterable[str]]
"""Ids of the lines that the topic of lines has of an order, by the key and partition of the order's row."""


def by_row(changes: Iterable[Change], writes: Callable[[Change], Iterable[Write]]) -> Iterator[list[Write]]:
    """Yield the writes for all changes of each row key together. A moved row must be removed and written in one
    transaction: a crash in between would lose an order's facts that raw no longer has."""
    for _, members in groupby(changes, key=attrgetter("key")):
        yield [write for change in members for write in writes(change)]


def seen_writes(topics: Topics, change: Change) -> Iterator[Write]:
    """Yield what a changed row of "seen" needs written."""
    yield Write(topics.dedupe_changelog, change.partition, change.key, change.row, change.timestamp, [])


def order_writes(topics: Topics, rules: OrderRules, lines: LinesBefore, change: Change) -> Iterator[Write]:
    """Yield what a changed row of "orders" needs written: the row, and the order's state and lines in the same
    partition. Where a row is removed, state and lines are removed, too."""
    yield Write(topics.orders_changelog, change.partition, change.key, change.row, change.timestamp, [])
    order_id = order_id_of(change.key)
    if order_id is not None:
        made = None if change.row is None else _made(load(change.row), change)
        state = None if change.row is None else state_of(change.row, rules)
        headers = [] if made is None else state_headers(order_id, made)
        yield Write(topics.order_state, change.partition, order_id, state, change.timestamp, headers)
        yield from _line_writes(topics, rules, lines, order_id, change, made)


def _made(order: Row, change: Change) -> Made:
    return Made(order.tenant, order.revision, order.version, change.timestamp)


def _line_writes(
    topics: Topics, rules: OrderRules, before: LinesBefore, order_id: bytes, change: Change, made: Made | None
) -> Iterator[Write]:
    if not rules.writes_lines:
        return
    now = {} if change.row is None else dict(lines_of(change.row, rules))
    gone = dict(deleted_lines(order_id.decode(), before(change.key, change.partition)))
    shared = [] if made is None else shared_by_lines(order_id, made)
    for key, value in (gone | now).items():
        headers = [] if value is None or made is None else line_headers(key, shared, made)
        yield Write(topics.order_lines, change.partition, key, value, change.timestamp, headers)


def position_write(topic: str, partition: int, position: int, timestamp: int) -> Write:
    """A lane's own source position, for the changelog of one of its tables."""
    return Write(topic, partition, POSITION, Position(position).encode(), timestamp, [])


async def write_all(
    producer: AIOKafkaProducer, changed: Iterable[Sequence[Write]], most: int, most_bytes: int
) -> AsyncIterator[int]:
    """Write all changes of a row key in one transaction; yield how many more row keys are done.

    `most`: row keys in a transaction. `most_bytes`: a transaction beyond it takes no more, because an order may have
    megabytes. KafkaError: the last transaction may be done or not; the next run finds out.
    """
    for group in _groups(changed, most, most_bytes):
        async with producer.transaction():
            await send(producer, [write for writes in group for write in writes])
        crash_point("migration-rows")
        yield len(group)


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
