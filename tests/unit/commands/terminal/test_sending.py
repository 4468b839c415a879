"""Of several errors in one transaction, the reason for the others is told."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import IllegalOperation, InvalidTxnState, ProducerFenced, TopicAuthorizationFailedError
from aiokafka.producer.message_accumulator import BatchBuilder

from commands.terminal.sending import Write, send


class Fenced:
    """A producer that learns with its first batch that it is fenced, as aiokafka does."""

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1 << 20, 0, is_transactional=True)

    async def send_batch(self, _batch: BatchBuilder, _topic: str, *, partition: int) -> asyncio.Future[Any]:
        if partition == 0:
            raise IllegalOperation("Can't send messages while not in transaction")
        sent: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        sent.set_exception(ProducerFenced())
        return sent


async def test_a_fence_is_told_and_not_what_comes_of_it() -> None:
    with pytest.raises(ProducerFenced):
        await send(Fenced(), [Write("raw", partition, None, b"{}", 0, []) for partition in range(3)])


class Forbidden(Fenced):
    """A producer that may not write to one topic. Kafka then adds none of a transaction's partitions, and aiokafka
    sends the other batches all the same."""

    async def send_batch(self, _batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[Any]:
        sent: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        may_not = topic == "quarantine" and partition == 0
        sent.set_exception(TopicAuthorizationFailedError(topic) if may_not else InvalidTxnState())
        return sent


async def test_a_missing_permission_is_told_and_not_that_the_other_topics_are_in_no_transaction() -> None:
    with pytest.raises(TopicAuthorizationFailedError, match="quarantine"):
        await send(Forbidden(), [Write(topic, 0, None, b"{}", 0, []) for topic in ("raw", "quarantine", "backfill")])


async def test_a_transaction_that_is_none_any_more_was_ended_by_another_producer() -> None:
    """Kafka without KAFKA-19690 looks for the transaction before it looks at the producer's epoch."""
    with pytest.raises(ProducerFenced):
        await send(Forbidden(), [Write(topic, 0, None, b"{}", 0, []) for topic in ("raw", "backfill")])


async def test_a_producer_that_is_in_no_transaction_at_all_is_told() -> None:
    with pytest.raises(IllegalOperation):
        await send(Fenced(), [Write("raw", 0, None, b"{}", 0, [])])
