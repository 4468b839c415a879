"""The engine, broken on purpose inside a worker process. The checker must find what it does wrong.

`BRIDGE_TEST_MUTATION=<name>` (read by `tests/integration/exactly_once/child.py`): one of these or of the troubles.
"""

import asyncio
import dataclasses
import os
import signal
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from aiokafka.errors import ConcurrentTransactions, KafkaError
from aiokafka.producer.sender import EndTxnHandler, Sender
from aiokafka.structs import TopicPartition

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
from processors.engine.overrides import producer as producer_module
from processors.engine.overrides.producer import new_producer
from processors.engine.position import Committed
from processors.worker import standstill
from tests.programs.chaos.patching import replace
from tests.programs.chaos.troubles import (
    block_apply,
    fail_on_poison,
    fail_some_sends,
    hang_in_transactions,
    hold_recovery,
    refusing_some,
    slow_writes,
    spin_on_poison,
)

_TRANSACTION_S = 15.0


def _decisive_point(lane: Lane, unit: Any) -> None:
    """Where a process has to end, or freeze, for the mutation to show: in a unit of dedupe that is not its lane's
    first. A tick, or states that are written again, would not show it."""
    if lane.tp.topic.endswith(".raw.v1") and unit.records and unit.chunk.start:
        crash_point("decisive")


def skip_the_fence() -> None:
    """Every owner has its own transactional id, so nobody is fenced, or waited for before tables are read.

    The crash point comes before a transaction begins: once the source offset is in one, whoever fetches the offset
    waits until the coordinator gives the transaction up. A lane goes on where it stood, however long its process was
    stopped.
    """
    transaction = Lane._transaction

    async def stoppable(self: Lane, producer: Any, unit: Any) -> Any:
        _decisive_point(self, unit)
        return await transaction(self, producer, unit)

    def unfenced(options: Any, transactional_id: str) -> Any:
        given_up_soon = dataclasses.replace(options, transaction_timeout=_TRANSACTION_S)
        return new_producer(given_up_soon, f"{transactional_id}-{uuid.uuid4().hex}")

    async def no_barrier(self: Lane) -> dict[TopicPartition, int]:
        logs = LogEnds(self._options.client)
        bounds = await logs.bounds(list(self.local.by_changelog()))
        await logs.close()
        return {tp: known.stable_end for tp, known in bounds.items() if isinstance(known, LogBounds)}

    replace(lane_module, "new_producer", unfenced)
    replace(Lane, "barrier", no_barrier)
    replace(Lane, "_transaction", stoppable)
    replace(standstill, "STANDSTILL_S", 600.0)


def write_rows_before_the_commit() -> None:
    """RocksDB gets keys that Kafka has not committed."""
    commit = Lane._commit

    async def hasty(self: Lane, unit: Any) -> Any:
        for name, rows in unit.rows.items():
            for key, value in rows.items():
                self.tables[name]._db[key] = value or b""  # dedupe deletes none
        _decisive_point(self, unit)
        return await commit(self, unit)

    replace(Lane, "_commit", hasty)


def ignore_failed_sends() -> None:
    """Some sends fail, and the transaction is committed without what was refused."""
    send = refusing_some(transaction_module._send)

    async def careless(producer: Any, topic: str, partition: int, batches: Any) -> Any:
        try:
            return await send(producer, topic, partition, batches)
        except KafkaError:
            return 0  # nobody needs the offset of an output

    replace(transaction_module, "_send", careless)


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

    replace(Lane, "_transaction", twice)


def skip_the_recovery() -> None:
    """Tables are taken as they are, whatever the changelog has."""

    async def nothing(*_: Any) -> None: ...

    replace(opening, "catch_up", nothing)
    trust_the_group()


def end_the_recovery_early() -> None:
    """The last hundredth of each changelog counts as read; at least ten records."""
    read = recovery_module._read

    async def hasty(reader: Any, changelogs: Mapping[TopicPartition, Changelog], progress: Any) -> None:
        early = {tp: changelog._replace(end=_early(changelog.end)) for tp, changelog in changelogs.items()}
        await read(_Hasty(reader, {tp: changelog.end for tp, changelog in early.items()}), early, progress)

    replace(recovery_module, "_read", hasty)
    trust_the_group()


def trust_the_group() -> None:
    """The group's offset counts as an operator's. Else no lane would run on tables that know less than was
    committed."""
    start = position_module.start_offset

    def trusting(tp: Any, position: int | None, committed: Committed | None, *log: Any) -> int:
        return start(tp, position, committed and committed._replace(by_lane=False), *log)

    replace(opening, "start_offset", trusting)


def _early(end: int) -> int:
    return end - max(10, end // 100)


class _Hasty:
    """A reader for which logs end where it was told."""

    def __init__(self, reader: Any, ends: Mapping[TopicPartition, int]) -> None:
        self._reader, self._ends = reader, ends

    async def position(self, tp: TopicPartition) -> int:
        position: int = await self._reader.position(tp)
        return position

    async def getmany(self, *tps: TopicPartition, **how: Any) -> dict[TopicPartition, list[Any]]:
        got = await self._reader.getmany(*tps, **how)
        known = {tp: [record for record in records if record.offset < self._ends[tp]] for tp, records in got.items()}
        return {tp: records for tp, records in known.items() if records}


def pass_check_last() -> None:
    """Whatever lies where the last record was counts as that record."""

    def passes(*_: Any) -> None:
        return None

    replace(continuity_module, "check_last", passes)


def end_a_transaction_twice() -> None:
    """By the first protocol, which takes the end of one transaction for that of the next."""

    async def is_not_spoken(*_: Any) -> bool:
        return False

    replace(producer_module, "is_spoken", is_not_spoken)
    end_each_in_the_next()


def end_each_in_the_next() -> None:
    """An EndTxn arrives again in the producer's next transaction, between outputs and rows. Then the process dies.

    Nothing in the process does that, but a network may, if a request was not answered and was sent again.
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
            await asyncio.sleep(0)  # what the same unit sends elsewhere is on its way by then
            if outputs[sender] and sender in ended:  # as early as can be: later records show what is not known
                while outputs[sender]:
                    await asyncio.sleep(0)
                node_id, request = ended[sender]
                busy = ConcurrentTransactions.errno  # while partitions are being added, it would end nothing
                while (await producer.client.send(node_id, request, group=EndTxnHandler.group)).error_code == busy:
                    await asyncio.sleep(0)
                os.kill(os.getpid(), signal.SIGKILL)
            return await send(producer, topic, partition, batches)
        outputs[sender] += 1
        try:
            return await send(producer, topic, partition, batches)
        finally:
            outputs[sender] -= 1

    replace(EndTxnHandler, "do", remembered)
    replace(transaction_module, "_send", late)


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
            end_each_in_the_next,
            slow_writes,
            hold_recovery,
            fail_on_poison,
            spin_on_poison,
            hang_in_transactions,
        )
    }
)
