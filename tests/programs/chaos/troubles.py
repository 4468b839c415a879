"""What a sound engine may meet inside a worker process: a disk, a broker or handlers that fail or hang."""

import asyncio
import itertools
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from processors.dedupe.agent import Dedupe
from processors.engine import cpu_limit
from processors.engine import recovery as recovery_module
from processors.engine import transaction as transaction_module
from processors.engine.lane import Lane
from processors.engine.store import TablePartition
from processors.orders.agent import Orders
from processors.worker import standstill
from tests.programs.chaos.patching import replace


def fail_some_sends() -> None:
    """Each twentieth batch for the orders topic is refused. The mutation `ignore_failed_sends` ignores that."""
    replace(transaction_module, "_send", refusing_some(transaction_module._send))


def block_apply() -> None:
    """The eightieth write of a table never returns, so the event loop stands still."""
    apply, calls = TablePartition.apply, itertools.count(1)

    def blocking(self: TablePartition, rows: Any, offset: int) -> None:
        if next(calls) >= 80:
            threading.Event().wait()
        apply(self, rows, offset)

    replace(TablePartition, "apply", blocking)


def slow_writes() -> None:
    """The disk is slow: each write of a table takes a twentieth of a second."""
    apply = TablePartition.apply

    def slow(self: TablePartition, rows: Any, offset: int) -> None:
        time.sleep(0.05)
        apply(self, rows, offset)

    replace(TablePartition, "apply", slow)


def hold_recovery() -> None:
    """Recovery begins once the file is there that BRIDGE_TEST_RECOVERY names."""
    read, begins = recovery_module._read, Path(os.environ.pop("BRIDGE_TEST_RECOVERY"))

    async def held(*what: Any) -> None:
        while not begins.exists():
            await asyncio.sleep(0.05)
        await read(*what)

    replace(recovery_module, "_read", held)


def fail_on_poison() -> None:
    """Handlers have a bug: each fails on bodies that hold its word."""
    _fail_on_poison(_raise)


def spin_on_poison() -> None:
    """Handlers never come to an end on such bodies; a second of CPU is too long."""
    _fail_on_poison(_spin)
    replace(cpu_limit, "CPU_LIMIT_S", 1.0)


def _fail_on_poison(fail: Callable[[], None]) -> None:
    replace(Dedupe, "steps", _failing(Dedupe.steps, b"poison for dedupe", fail))
    replace(Orders, "steps", _failing(Orders.steps, b"poison for orders", fail))


def _raise() -> None:
    raise ValueError("a bug of the test's")


def _spin() -> None:
    while True:
        pass


def hang_in_transactions() -> None:
    """No unit of the raw topic ever has an outcome. A lane counts as stuck after 4 s, not after a minute."""
    transaction = Lane._transaction

    async def hanging(self: Lane, producer: Any, unit: Any) -> Any:
        if self.tp.topic.endswith(".raw.v1"):
            await asyncio.Event().wait()
        return await transaction(self, producer, unit)

    replace(Lane, "_transaction", hanging)
    replace(standstill, "STANDSTILL_S", 4.0)


def _failing(
    steps: Callable[[Any, Any], Iterator[None]], word: bytes, fail: Callable[[], None]
) -> Callable[[Any, Any], Iterator[None]]:
    def failing(handler: Any, unit: Any) -> Iterator[None]:
        yield from steps(handler, unit)
        if any(word in (record.value or b"") for record in unit.records):
            fail()

    return failing


def refusing_some(send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    calls = 0

    async def refusing(producer: Any, topic: str, partition: int, batches: Any) -> Any:
        nonlocal calls
        calls += topic.endswith(".orders.v1")
        if topic.endswith(".orders.v1") and calls % 20 == 0:
            raise KafkaError("refused by the test")
        return await send(producer, topic, partition, batches)

    return refusing
