"""A producer that ends with an error of its own, without Kafka."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from aiokafka.errors import ProducerFenced

from processors.engine.overrides.producer import discard


class EndedError(Exception):
    """As of a metadata task that has ended before."""


async def test_what_is_left_of_a_producer_is_ended_whatever_it_says() -> None:
    """Fenced while it stops: the lane must be closed all the same, and no connection may be left behind."""
    done: list[str] = []

    async def stop() -> None:
        raise ProducerFenced

    await discard(producer(stop, done), timeout=5)
    assert done == ["client closed", "sender ended"]


async def test_nothing_is_left_of_it_when_whoever_waits_for_its_end_is_cancelled() -> None:
    """A rebalance, while a lane is being opened anew, with its broker away."""
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
    assert done == ["client closed", "sender ended"]


def producer(stop: Callable[[], Awaitable[None]], done: list[str]) -> Any:
    """Notes in ``done`` what is ended of it. Its sender, as aiokafka's, waits for answers when it is to end."""
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

    sender = SimpleNamespace(sender_task=asyncio.create_task(send()))
    client, manager = SimpleNamespace(close=close), SimpleNamespace(transactional_id="id")
    return SimpleNamespace(stop=begin_and_stop, client=client, _sender=sender, _txn_manager=manager)
