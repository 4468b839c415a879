"""The writer of kept records to raw, when Kafka goes away within a transaction."""

import asyncio
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaTimeoutError, NodeNotReadyError

from bridge.settings import Settings
from commands.evidence import writer as module
from commands.evidence.writer import evidence_writer
from commands.terminal import fenced_producer

SETTINGS = Settings(tenant="acme", transaction_timeout="1 s")


async def begun(producer: AIOKafkaProducer) -> None:
    """The producer is fenced and knows its coordinator, but can send nothing to it."""
    sender: Any = producer._sender
    producer._txn_manager.set_pid_and_epoch(1, 0)
    producer.client.send = AsyncMock(side_effect=NodeNotReadyError("away"))
    sender._find_coordinator = AsyncMock(return_value=1)
    sender._sender_task = asyncio.create_task(sender._sender_routine())
    sender._sender_task.add_done_callback(sender._fail_all)


async def sends_for_ever(producer: AIOKafkaProducer, _writes: Any) -> None:
    producer._txn_manager.maybe_add_partition_to_txn(TopicPartition("raw", 0))
    await asyncio.Event().wait()


async def test_without_kafka_it_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aborting the transaction needs Kafka, too, and was awaited without end."""
    monkeypatch.setattr(fenced_producer, "fence", begun)
    monkeypatch.setattr(fenced_producer, "check_rules", AsyncMock())
    monkeypatch.setattr(module, "send", sends_for_ever)
    async with asyncio.timeout(10):
        with pytest.raises(KafkaTimeoutError, match="did not acknowledge within 1 s"):
            async with evidence_writer(SETTINGS) as write:
                await write([])
