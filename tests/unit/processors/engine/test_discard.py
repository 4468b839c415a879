"""Discarding a producer leaves nothing behind, even if its stop fails. Without Kafka."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced
from aiokafka.structs import OffsetAndMetadata

from processors.engine.overrides.producer import NoOutcomeError, _keep_requests, discard, new_producer
from tests.unit.processors.engine.options import options_in


class EndedError(Exception):
    """The error of a metadata task that has ended before."""


async def test_what_is_left_of_a_producer_is_ended_whatever_it_says() -> None:
    """Even if the producer is fenced meanwhile, its lane must be closed and no connection left behind."""
    done: list[str] = []

    async def stop() -> None:
        raise ProducerFenced

    await discard(producer(stop, done), timeout=5)
    assert done == ["client closed", "sender ended", "client closed"]


async def test_nothing_is_left_of_it_when_whoever_waits_for_its_end_is_cancelled() -> None:
    """A rebalance cancels the waiting, while a lane is opened anew and its broker is away."""
    done: list[str] = []
    stopping, never = asyncio.Event(), asyncio.Event()

    async def stop() -> None:
        stopping.set()
        await never.wait()

    task = asyncio.create_task(discard(producer(stop, done), timeout=60))
    await stopping.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert done == ["client closed", "sender ended", "client closed"]


async def test_what_it_had_still_to_send_is_free_at_once() -> None:
    """Workers seldom collect garbage, and a unit may have megabytes. While a broker is away, each attempt would add as
    much."""
    made = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", enable_idempotence=True)
    _keep_requests(made._sender)
    made._sender._sender_task = asyncio.create_task(asyncio.Event().wait())
    waiting, on_its_way = made.create_batch(), made.create_batch()
    for partition, each in enumerate((on_its_way, waiting)):
        each.append(timestamp=None, key=None, value=b"value")
        await made._message_accumulator.add_batch(each, TopicPartition("topic", partition), 1)
    made._txn_manager.set_pid_and_epoch(1, 0)
    made._message_accumulator._pop_batch(TopicPartition("topic", 0))
    left = [weakref.ref(waiting), weakref.ref(on_its_way)]
    del waiting, on_its_way, each
    gc.disable()
    try:
        await discard(made, timeout=0.05)
        await asyncio.sleep(0)  # tasks that waited for the batches end
        assert [ref() for ref in left] == [None, None]
        assert asyncio.all_tasks() == {asyncio.current_task()}
    finally:
        gc.enable()


async def test_none_of_its_requests_is_left_behind(tmp_path: Path) -> None:
    """When the client is closed, a transaction's request fails. The sender may still wait for another one, or for
    none."""
    unheard, closed = list[dict[str, Any]](), asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    made = new_producer(options_in(tmp_path), "lane")
    began = [asyncio.Event() for _ in range(3)]
    nodes = iter([{node: dict[Any, Any]() for node in (1, 2)}])

    async def close() -> None:
        closed.set()

    async def produce(node: int, _batches: object) -> None:
        began[node].set()
        await asyncio.Event().wait()

    async def add_offsets(_group: str) -> None:
        began[0].set()
        await closed.wait()
        raise NoOutcomeError("its answer was lost")

    made.client.close, made._message_accumulator.drain_by_nodes = close, lambda **_: (next(nodes, {}), False)
    made._sender._send_produce_req, made._sender._do_add_offsets_to_txn = produce, add_offsets
    _keep_requests(made._sender)
    add_offsets_in_a_transaction(made)
    await made._sender.start()
    await asyncio.gather(*(each.wait() for each in began))
    await discard(made, timeout=0.05)
    gc.collect()  # asyncio tells only then of errors that nobody has retrieved
    assert (unheard, asyncio.all_tasks()) == ([], {asyncio.current_task()})


async def test_nor_is_one_where_an_error_has_ended_the_sender(tmp_path: Path) -> None:
    """Its stop() then waits for nothing and raises nothing. A request that still connects to a silent broker would do
    so once the client is closed, and send."""
    made = new_producer(options_in(tmp_path), "lane")
    connecting = asyncio.Event()
    nodes = iter([{1: dict[Any, Any]()}])

    async def produce(_node: int, _batches: object) -> None:
        connecting.set()
        await asyncio.Event().wait()

    async def add_offsets(_group: str) -> None:
        await connecting.wait()
        raise ProducerFenced

    made._message_accumulator.drain_by_nodes = lambda **_: (next(nodes, {}), False)
    made._sender._send_produce_req, made._sender._do_add_offsets_to_txn = produce, add_offsets
    _keep_requests(made._sender)
    offsets = add_offsets_in_a_transaction(made)
    await made._sender.start()
    await asyncio.wait([made._sender.sender_task, offsets])
    assert isinstance(offsets.exception(), ProducerFenced)
    await discard(made, timeout=0.05)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_connection_that_a_request_has_made_meanwhile_is_closed() -> None:
    """One that looks for its coordinator asks the next broker as soon as the client is closed."""
    connections, asked = set[str](), asyncio.Event()

    async def stop() -> None:
        raise ProducerFenced

    async def close() -> None:
        connections.clear()
        asked.set()

    async def look() -> None:
        await asked.wait()
        connections.add("made anew")
        await asyncio.Event().wait()

    made = producer(stop, [])
    made.client.close = close
    made._sender.requests.add(asyncio.create_task(look()))
    await discard(made, timeout=0.05)
    assert connections == set()


def add_offsets_in_a_transaction(made: AIOKafkaProducer) -> asyncio.Future[None]:
    made._txn_manager.set_pid_and_epoch(1, 0)
    made._txn_manager.begin_transaction()
    offsets = {TopicPartition("topic", 0): OffsetAndMetadata(1, "")}
    added: asyncio.Future[None] = made._txn_manager.add_offsets_to_txn(offsets, "group")
    return added


def producer(stop: Callable[[], Awaitable[None]], done: list[str]) -> Any:
    """Notes in ``done`` which of its parts have ended. Like aiokafka's, its sender waits for answers before it ends."""
    never = asyncio.Event()

    async def close() -> None:
        done.append("client closed")
        raise EndedError

    async def send() -> None:
        try:
            await never.wait()
        except asyncio.CancelledError:
            try:
                await never.wait()
            finally:
                done.append("sender ended")

    async def begin_and_stop() -> None:
        await asyncio.sleep(0)  # the sender has begun
        await stop()

    sender = SimpleNamespace(sender_task=asyncio.create_task(send()), requests=set())
    client, manager = SimpleNamespace(close=close), SimpleNamespace(transactional_id="id")
    nothing = SimpleNamespace(_batches={}, _pending_batches=set())
    return SimpleNamespace(
        stop=begin_and_stop, client=client, _sender=sender, _txn_manager=manager, _message_accumulator=nothing
    )
