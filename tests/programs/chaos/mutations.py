"""The engine, broken on purpose inside a worker process: what it does wrong then, the checker must find.

``BRIDGE_TEST_MUTATION=<name>`` (read by ``tests/integration/exactly_once/child.py``).
"""

import asyncio
import itertools
import os
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from unittest.mock import patch

from aiokafka.errors import KafkaError
from aiokafka.producer.sender import EndTxnHandler, Sender
from aiokafka.structs import TopicPartition

from processors.dedupe.agent import Dedupe
from processors.engine import continuity as continuity_module
from processors.engine import lane as lane_module
from processors.engine import opening
from processors.engine import position as position_module
from processors.engine import recovery as recovery_module
from processors.engine import transaction as transaction_module
from processors.engine.changelog import Changelog
from processors.engine.crash import crash_point
from processors.engine.lane import Lane
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.overrides.producer import new_producer
from processors.engine.position import Committed
from processors.engine.store import TablePartition
from processors.orders.agent import Orders
from processors.worker import standstill


def _decisive_point(lane: Lane, unit: Any) -> None:
    """Where a process has to end, or freeze, for the mutation to show: in a unit of dedupe, which is not its lane's
    first. A tick, or states that are written again, would not tell."""
    if lane.tp.topic.endswith(".raw.v1") and unit.records and unit.chunk.start:
        crash_point("decisive")


def skip_the_fence() -> None:
    """Every owner has a transactional id of its own, so nobody is fenced, nor waited for before tables are read.

    The point comes before a transaction begins: once the source offset is in one, who fetches it waits.
    """
    transaction = Lane._transaction

    async def stoppable(self: Lane, producer: Any, unit: Any) -> Any:
        _decisive_point(self, unit)
        return await transaction(self, producer, unit)

    def unfenced(options: Any, transactional_id: str) -> Any:
        return new_producer(options, f"{transactional_id}-{uuid.uuid4().hex}")

    async def no_barrier(self: Lane) -> dict[TopicPartition, int]:
        logs = LogEnds(self._options.client)
        bounds = await logs.bounds(list(self.changelog_tables()))
        await logs.close()
        return {tp: known.stable_end for tp, known in bounds.items() if isinstance(known, LogBounds)}

    _replace(lane_module, "new_producer", unfenced)
    _replace(Lane, "barrier", no_barrier)
    _replace(Lane, "_transaction", stoppable)


def write_rows_before_the_commit() -> None:
    """RocksDB knows keys that Kafka has not committed."""
    commit = Lane._commit

    async def hasty(self: Lane, unit: Any) -> Any:
        for name, rows in unit.rows.items():
            for key, value in rows.items():
                self.tables[name]._db[key] = value or b""  # dedupe deletes none
        _decisive_point(self, unit)
        return await commit(self, unit)

    _replace(Lane, "_commit", hasty)


def fail_some_sends() -> None:
    """No mutation, but the fault that one of them ignores: each twentieth batch of cleaned records is refused."""
    _replace(transaction_module, "_send", _refusing(transaction_module._send))


def ignore_failed_sends() -> None:
    """The same fault, and the transaction is committed without what was refused."""
    send = _refusing(transaction_module._send)

    async def careless(producer: Any, topic: str, partition: int, batches: Any) -> Any:
        try:
            return await send(producer, topic, partition, batches)
        except KafkaError:
            return 0  # the offset of an output is of interest to nobody

    _replace(transaction_module, "_send", careless)


def commit_offsets_apart() -> None:
    """The source offset is committed by a transaction of its own, before the one with the outputs."""
    transaction = Lane._transaction

    async def twice(self: Lane, producer: Any, unit: Any) -> Any:
        apart = new_producer(self._options, f"apart-{self.tp.topic}-{self.tp.partition}")
        await apart.start()
        async with apart.transaction():
            offsets = {TopicPartition(*self.tp): unit.chunk.end}
            await apart.send_offsets_to_transaction(offsets, self._options.group_id)
        await apart.stop()
        _decisive_point(self, unit)
        return await transaction(self, producer, unit)

    _replace(Lane, "_transaction", twice)


def skip_the_recovery() -> None:
    """Tables are taken as they are, whatever the changelog has."""

    async def nothing(*_: Any) -> None: ...

    _replace(opening, "catch_up", nothing)
    trust_the_group()


def end_the_recovery_early() -> None:
    """The last hundredth of each changelog is taken for read."""
    read = recovery_module._read

    async def hasty(reader: Any, changelogs: Mapping[TopicPartition, Changelog], progress: Any) -> None:
        early = {tp: changelog._replace(end=_early(changelog.end)) for tp, changelog in changelogs.items()}
        await read(_Hasty(reader, {tp: changelog.end for tp, changelog in early.items()}), early, progress)

    _replace(recovery_module, "_read", hasty)
    trust_the_group()


def trust_the_group() -> None:
    """The group's offset is taken for an operator's: no lane would run on tables that know less than was committed."""
    start = position_module.start_offset

    def trusting(tp: Any, position: int | None, committed: Committed | None, *log: Any) -> int:
        return start(tp, position, committed and committed._replace(by_lane=False), *log)

    _replace(opening, "start_offset", trusting)


def _early(end: int) -> int:
    return end - max(10, end // 100)


class _Hasty:
    """A reader to which logs end where it was told."""

    def __init__(self, reader: Any, ends: Mapping[TopicPartition, int]) -> None:
        self._reader, self._ends = reader, ends

    async def position(self, tp: TopicPartition) -> int:
        position: int = await self._reader.position(tp)
        return position

    async def getmany(self, *tps: TopicPartition, **how: Any) -> dict[TopicPartition, list[Any]]:
        got = await self._reader.getmany(*tps, **how)
        known = {tp: [record for record in records if record.offset < self._ends[tp]] for tp, records in got.items()}
        return {tp: records for tp, records in known.items() if records}


def block_apply() -> None:
    """The eightieth write of a table never comes back, and with it the event loop stands still."""
    apply, calls = TablePartition.apply, itertools.count(1)

    def blocking(self: TablePartition, rows: Any, offset: int) -> None:
        if next(calls) >= 80:
            threading.Event().wait()
        apply(self, rows, offset)

    _replace(TablePartition, "apply", blocking)


def pass_check_last() -> None:
    """Whatever lies where the last record was, it is taken for that one."""

    def passes(*_: Any) -> None:
        return None

    _replace(continuity_module, "check_last", passes)


def end_a_transaction_twice() -> None:
    """An EndTxn arrives once more in the producer's next transaction, between outputs and rows; the process dies of it.

    Nothing in the process does that: a network may, where a request was not answered and was sent again.
    """
    do, send = EndTxnHandler.do, transaction_module._send
    ended: dict[Sender, tuple[int, Any]] = {}
    outputs = Counter[Sender]()

    async def remembered(self: EndTxnHandler, node_id: int) -> bool:
        ended[self._sender] = node_id, self.create_request()
        done: bool = await do(self, node_id)
        return done

    async def late(producer: Any, topic: str, partition: int, batches: Any) -> Any:
        sender = producer._sender
        if topic.endswith("dedupe-changelog.v1"):
            await asyncio.sleep(0)  # what the same unit sends elsewhere is on its way then
            if outputs[sender] and sender in ended:  # as early as can be: what comes later shows what is not known
                while outputs[sender]:
                    await asyncio.sleep(0)
                await producer.client.send(*ended[sender], group=EndTxnHandler.group)
                os.kill(os.getpid(), signal.SIGKILL)
            return await send(producer, topic, partition, batches)
        outputs[sender] += 1
        try:
            return await send(producer, topic, partition, batches)
        finally:
            outputs[sender] -= 1

    _replace(EndTxnHandler, "do", remembered)
    _replace(transaction_module, "_send", late)


def slow_writes() -> None:
    """No mutation, but a slow disk: each write of a table takes a twentieth of a second."""
    apply = TablePartition.apply

    def slow(self: TablePartition, rows: Any, offset: int) -> None:
        time.sleep(0.05)
        apply(self, rows, offset)

    _replace(TablePartition, "apply", slow)


def fail_on_poison() -> None:
    """No mutation, but handlers with a bug: each fails on bodies that hold its word."""
    _replace(Dedupe, "steps", _failing(Dedupe.steps, b"poison for dedupe"))
    _replace(Orders, "steps", _failing(Orders.steps, b"poison for orders"))


def hang_in_transactions() -> None:
    """No unit of the raw topic ever has an outcome; a lane counts as stuck after seconds, not after a minute."""
    transaction = Lane._transaction

    async def hanging(self: Lane, producer: Any, unit: Any) -> Any:
        if self.tp.topic.endswith(".raw.v1"):
            await asyncio.Event().wait()
        return await transaction(self, producer, unit)

    _replace(Lane, "_transaction", hanging)
    _replace(standstill, "STANDSTILL_S", 3.0)


def _failing(steps: Callable[[Any, Any], Iterator[None]], word: bytes) -> Callable[[Any, Any], Iterator[None]]:
    def failing(handler: Any, unit: Any) -> Iterator[None]:
        yield from steps(handler, unit)
        if any(word in (record.value or b"") for record in unit.records):
            raise ValueError("a bug of the test's")

    return failing


def _refusing(send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    calls = 0

    async def refusing(producer: Any, topic: str, partition: int, batches: Any) -> Any:
        nonlocal calls
        calls += topic.endswith(".orders.v1")
        if topic.endswith(".orders.v1") and calls % 20 == 0:
            raise KafkaError("refused by the test")
        return await send(producer, topic, partition, batches)

    return refusing


def _replace(owner: object, name: str, value: object) -> None:
    patch.object(owner, name, value).start()  # for the rest of the process


MUTATIONS: Final[Mapping[str, Callable[[], None]]] = MappingProxyType(
    {
        function.__name__.replace("_", "-"): function
        for function in (
            skip_the_fence,
            write_rows_before_the_commit,
            fail_some_sends,
            ignore_failed_sends,
            commit_offsets_apart,
            skip_the_recovery,
            end_the_recovery_early,
            trust_the_group,
            block_apply,
            pass_check_last,
            end_a_transaction_twice,
            slow_writes,
            fail_on_poison,
            hang_in_transactions,
        )
    }
)
