"""What the producer asks before it sends a batch, and which brokers it asks for leaders after a failure."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    KafkaConnectionError,
    LeaderNotAvailableError,
    MessageSizeTooLargeError,
    RequestTimedOutError,
)
from aiokafka.producer.message_accumulator import MessageAccumulator
from aiokafka.producer.sender import Sender

from ingress.answers import Unavailable
from ingress.producer import BATCH_BYTES, KafkaProducer


class Batch:
    def __init__(self, size: int = 1) -> None:
        self._size = size

    def size(self) -> int:
        return self._size


class Client:
    """aiokafka's producer and client, as far as sending needs them. Broker 1 leads partition 1, and so on."""

    def __init__(self) -> None:
        self.client = self.cluster = self
        self._sender = SimpleNamespace(_send_produce_req=None)
        self.sent: list[int] = []
        self.outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asked = 0
        self.brokers: Any = lambda: {Broker(number) for number in (1, 2, 3)}

    def leader_for_partition(self, partition: Any) -> int | None:
        return partition.partition or None

    async def _updated(self) -> None:
        self.asked += 1

    def force_metadata_update(self) -> Any:
        return asyncio.ensure_future(self._updated())

    async def send_batch(self, _batch: Any, _topic: str, *, partition: int) -> Any:
        self.sent.append(partition)
        return self.outcome


class Broker(NamedTuple):
    nodeId: int  # noqa: N815 - aiokafka's name


def producer(client: Client, objection: str | None = None, patience: float = 60) -> KafkaProducer:
    return KafkaProducer(client, lambda: Unavailable(objection) if objection else None, timedelta(seconds=patience))


def asked_for_leaders(client: Client) -> set[int]:
    return {broker.nodeId for broker in client.brokers()}


async def test_a_batch_is_sent_while_nothing_speaks_against_it() -> None:
    client = Client()
    client.outcome.set_result(None)
    await producer(client).send_batch(Batch(), "raw", 3)
    assert client.sent == [3]


async def test_with_an_objection_nothing_is_sent() -> None:
    """The rules are no longer this ingress's, or may not be: it was frozen, or cut off from the rules topic."""
    client = Client()
    with pytest.raises(Unavailable, match="under way"):
        await producer(client, "a migration is under way").send_batch(Batch(), "raw", 3)
    assert client.sent == []


async def test_a_partition_without_a_leader_is_not_handed_over() -> None:
    """aiokafka's sender would wait for the leader, and hold up all other batches."""
    client = Client()
    with pytest.raises(LeaderNotAvailableError):
        await producer(client, patience=0.01).send_batch(Batch(), "raw", 0)
    assert client.sent == []
    assert client.asked


async def test_a_broker_that_failed_is_not_asked_for_leaders_until_it_did_what_it_was_told_to() -> None:
    client = Client()
    sender = producer(client)
    client.outcome.set_exception(RequestTimedOutError())
    with pytest.raises(RequestTimedOutError):
        await sender.send_batch(Batch(), "raw", 2)
    assert asked_for_leaders(client) == {1, 3}
    client.outcome = asyncio.get_running_loop().create_future()
    client.outcome.set_result(None)
    await sender.send_batch(Batch(), "raw", 2)
    assert asked_for_leaders(client) == {1, 2, 3}


async def test_with_all_brokers_suspect_all_are_asked() -> None:
    client = Client()
    sender = producer(client)
    client.outcome.set_exception(RequestTimedOutError())
    for partition in (1, 2, 3):
        with pytest.raises(RequestTimedOutError):
            await sender.send_batch(Batch(), "raw", partition)
    assert asked_for_leaders(client) == {1, 2, 3}


async def test_an_objection_to_a_record_makes_nobody_suspect() -> None:
    client = Client()
    client.outcome.set_exception(MessageSizeTooLargeError())
    with pytest.raises(MessageSizeTooLargeError):
        await producer(client).send_batch(Batch(), "raw", 2)
    assert asked_for_leaders(client) == {1, 2, 3}


async def test_one_large_batch_at_a_time_goes_to_a_broker() -> None:
    """All that waits for a broker goes there in one request, and brokers take at most 100 MiB."""
    client = Client()
    sender = producer(client)
    large = [asyncio.create_task(sender.send_batch(Batch(BATCH_BYTES + 1), "raw", 2)) for _ in range(2)]
    small = asyncio.create_task(sender.send_batch(Batch(), "raw", 2))
    while len(client.sent) < 2:
        await asyncio.sleep(0)
    assert client.sent == [2, 2]
    assert not any(task.done() for task in (*large, small))
    client.outcome.set_result(None)
    await asyncio.gather(*large, small)
    assert client.sent == [2, 2, 2]


async def test_a_batch_that_is_given_up_is_not_sent_later() -> None:
    """The batch's requests were answered 500. aiokafka keeps a batch while the broker is busy, and sends it when the
    broker answers."""
    accumulator = MessageAccumulator(SimpleNamespace(leader_for_partition=lambda _: 1), 1000, 0, 60)
    client = Client()

    async def accumulate(batch: Any, topic: str, *, partition: int) -> Any:
        return await accumulator.add_batch(batch, TopicPartition(topic, partition), 60)

    client.send_batch = accumulate  # type: ignore[assignment,method-assign]
    batches = [accumulator.create_builder() for _ in range(2)]
    for batch in batches:
        batch.append(timestamp=1, key=None, value=b"1")
    sending = [asyncio.create_task(producer(client).send_batch(batch, "raw", n + 1)) for n, batch in enumerate(batches)]
    while len(accumulator._batches) < 2:
        await asyncio.sleep(0)
    sending[0].cancel()
    await asyncio.wait({sending[0]})
    assert sending[0].cancelled()  # otherwise its requests would be answered 200
    sent, _ = accumulator.drain_by_nodes(ignore_nodes=())
    assert sent[1].keys() == {("raw", 2)}
    sending[1].cancel()
    await asyncio.wait(sending)


class Broken:
    """A client of one broker. Once the connection is lost, there is an objection, too."""

    def __init__(self) -> None:
        self.cluster = SimpleNamespace(leader_for_partition=lambda _: 1, brokers=set)
        self.objections = list[Unavailable]()
        self.sent = list[Any]()
        self.is_lost = asyncio.Event()

    async def send(self, _node_id: int, request: Any) -> None:
        self.sent.append(request)
        await self.is_lost.wait()
        self.objections.append(Unavailable("a migration is under way"))
        raise KafkaConnectionError

    def force_metadata_update(self) -> Any:
        return asyncio.ensure_future(asyncio.sleep(0))

    async def _maybe_wait_metadata(self) -> None: ...


async def test_what_aiokafka_keeps_or_sends_again_is_not_sent_once_there_is_an_objection() -> None:
    """The system was suspended meanwhile: its clock stood still, so no batch is too old for another try."""
    client = Broken()
    accumulator = MessageAccumulator(client.cluster, 1000, 0, 60)
    options = {"retry_backoff_ms": 0, "request_timeout_ms": 60_000, "txn_manager": None}
    sender = Sender(client, acks=-1, message_accumulator=accumulator, **options)
    upstream: Any = SimpleNamespace(client=client, _sender=sender)
    KafkaProducer(upstream, lambda: client.objections[-1] if client.objections else None, timedelta(seconds=60))
    await sender.start()
    batches = []
    for partition in (1, 2):  # the second batch waits for the broker of both
        builder = accumulator.create_builder()
        builder.append(timestamp=1, key=None, value=b"1")
        batches.append(await accumulator.add_batch(builder, TopicPartition("raw", partition), 60))
        while not client.sent:
            await asyncio.sleep(0)
    client.is_lost.set()
    for batch in batches:
        with pytest.raises(Unavailable, match="under way"):
            await asyncio.wait_for(batch, 5)
    assert len(client.sent) == 1
    assert (sender._in_flight, sender._muted_partitions) == (set(), set())
    await sender.close()


@pytest.mark.parametrize("vital", ["sender", "metadata"])
async def test_when_one_of_aiokafkas_tasks_has_ended_it_has_and_it_can_be_abandoned(vital: str) -> None:
    """Without the sender nothing is sent; without the metadata task nobody learns of a new leader."""
    tasks = {name: asyncio.create_task(asyncio.Event().wait()) for name in ("sender", "metadata")}
    aiokafka = AIOKafkaProducer()
    aiokafka._sender._sender_task, aiokafka.client._sync_task = tasks["sender"], tasks["metadata"]
    failing = KafkaProducer(aiokafka, lambda: None, timedelta(seconds=1))
    ended = asyncio.create_task(failing.ended())
    await asyncio.sleep(0)
    assert not ended.done()
    tasks[vital].cancel()
    await ended
    await failing.abandon()
    assert all(task.done() for task in tasks.values())


async def test_a_metadata_task_that_failed_keeps_nobody_from_closing_the_rest() -> None:
    async def fail() -> None:
        raise KeyError("a defect")

    aiokafka = AIOKafkaProducer()
    aiokafka._sender._sender_task = asyncio.create_task(asyncio.Event().wait())
    aiokafka.client._sync_task = failed = asyncio.create_task(fail())
    failing = KafkaProducer(aiokafka, lambda: None, timedelta(seconds=1))
    await failing.ended()
    await failing.abandon()
    assert isinstance(failed.exception(), KeyError)
