"""A producer that ends with an error of its own, without Kafka."""

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

    async def close() -> None:
        done.append("client closed")
        raise EndedError

    sender = SimpleNamespace(sender_task=SimpleNamespace(cancel=lambda: done.append("sender cancelled")))
    producer: Any = SimpleNamespace(
        stop=stop,
        client=SimpleNamespace(close=close),
        _sender=sender,
        _txn_manager=SimpleNamespace(transactional_id="id"),
    )
    await discard(producer, timeout=5)
    assert done == ["sender cancelled", "client closed"]
