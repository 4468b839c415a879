"""The second protocol of transactions, against kafka-python's definitions of the same requests, without Kafka."""

import warnings
from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalOperation
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.protocol.api import Request
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import EndTxnRequest, InitProducerIdRequest, TxnOffsetCommitRequest
from aiokafka.structs import OffsetAndMetadata

from processors.engine.overrides.transactions_v2 import is_spoken, speak

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it reads its definitions by an older function of Python's
    from kafka.protocol.metadata import ApiVersionsResponse
    from kafka.protocol.producer import produce, transaction

PRODUCE = ProduceRequest("id", -1, 5_000, [("a", [(0, b"batch"), (3, b"other")]), ("b", [(1, b"")])])
OFFSETS = TxnOffsetCommitRequest("id", "group", 7, 2, [("a", [(0, 11, "mark"), (5, 12, "")])])
END = EndTxnRequest("id", 7, 2, True)
VERSIONS = {0: (0, 13), 18: (0, 4), 26: (0, 5), 28: (0, 5)}
"""What a broker of Kafka 4 says that it understands."""


class Broker:
    """Answers each request with the bytes that ``answers`` has for its API, and keeps what was asked."""

    def __init__(self, **answers: bytes) -> None:
        self.answers, self.asked = answers, list[Request[Any]]()

    async def send(self, _node_id: int, request: Request[Any], **_: Any) -> Any:
        self.asked.append(request)
        struct = request.prepare(VERSIONS)
        answer = BytesIO(self.answers[str(request.API_KEY)])
        return struct.RESPONSE_TYPE.decode(answer)

    @property
    def last(self) -> bytes:
        """The last request, without its header."""
        encoded: bytes = self.asked[-1].prepare(VERSIONS).encode()
        return encoded


def speaking(**answers: bytes) -> tuple[TransactionManager, Broker, Callable[..., Awaitable[Any]]]:
    """A transaction's manager whose producer speaks the second protocol, the broker, and what to send by."""
    manager, broker = TransactionManager("id", 10_000), Broker(**answers)
    manager.set_pid_and_epoch(7, 2)
    return manager, broker, speak(manager, broker.send)


def produced(*partitions: tuple[str, int, int]) -> bytes:
    """A broker's answer to records for these partitions: topic, partition, error code."""
    topic = produce.ProduceResponse.TopicProduceResponse
    responses = [
        topic(
            name=name,
            partition_responses=[
                topic.PartitionProduceResponse(
                    index=index,
                    error_code=error,
                    base_offset=40 + index,
                    log_append_time_ms=-1,
                    log_start_offset=4,
                    record_errors=[],
                    error_message="because" if error else None,
                )
            ],
        )
        for name, index, error in partitions
    ]
    return bytes(produce.ProduceResponse(responses=responses, throttle_time_ms=0).encode(version=12))


async def test_records_go_out_as_another_client_writes_them() -> None:
    _, broker, send = speaking(**{"0": produced()})
    await send(1, PRODUCE)
    topic = produce.ProduceRequest.TopicProduceData
    batches = {"a": {0: b"batch", 3: b"other"}, "b": {1: b""}}
    data = [
        topic(
            name=name,
            partition_data=[topic.PartitionProduceData(index=index, records=batch) for index, batch in each.items()],
        )
        for name, each in batches.items()
    ]
    other = produce.ProduceRequest(transactional_id="id", acks=-1, timeout_ms=5_000, topic_data=data)
    assert broker.last == other.encode(version=12)


@pytest.mark.parametrize(
    ("error", "told"),
    [(0, 0), (6, 6), (51, 19), (90, 47), (49, 47), (48, 48), (47, 47), (120, 120)],
    ids=["none", "moved", "the one before ends still", "fenced", "by a new id", "no transaction", "old", "unknown"],
)
async def test_what_became_of_them_is_told_as_the_first_protocol_does(error: int, told: int) -> None:
    """A transaction before that is still being ended is no error that aiokafka tries again after."""
    _, _, send = speaking(**{"0": produced(("a", 3, error), ("b", 1, 0))})
    answer = await send(1, PRODUCE)
    assert answer.topics == [("a", [(3, told, 43, -1, 4)]), ("b", [(1, 0, 41, -1, 4)])]


def committed(error: int) -> bytes:
    topic = transaction.TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
    partition = topic.TxnOffsetCommitResponsePartition(partition_index=5, error_code=error)
    answer = transaction.TxnOffsetCommitResponse(throttle_time_ms=0, topics=[topic(name="a", partitions=[partition])])
    return bytes(answer.encode(version=5))


async def test_offsets_go_out_as_another_client_writes_them() -> None:
    _, broker, send = speaking(**{"28": committed(0)})
    await send(1, OFFSETS)
    topic = transaction.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
    partitions = [
        topic.TxnOffsetCommitRequestPartition(
            partition_index=index, committed_offset=offset, committed_leader_epoch=-1, committed_metadata=mark
        )
        for index, offset, mark in ((0, 11, "mark"), (5, 12, ""))
    ]
    other = transaction.TxnOffsetCommitRequest(
        transactional_id="id",
        group_id="group",
        producer_id=7,
        producer_epoch=2,
        generation_id=-1,
        member_id="",
        group_instance_id=None,
        topics=[topic(name="a", partitions=partitions)],
    )
    assert broker.last == other.encode(version=5)


@pytest.mark.parametrize(("error", "told"), [(0, 0), (51, 14), (90, 47), (49, 47), (48, 48), (15, 15)])
async def test_what_became_of_offsets_is_told_as_the_first_protocol_does(error: int, told: int) -> None:
    _, _, send = speaking(**{"28": committed(error)})
    assert (await send(1, OFFSETS)).errors == [("a", [(5, told)])]


def ended(error: int, epoch: int) -> bytes:
    answer = transaction.EndTxnResponse(throttle_time_ms=0, error_code=error, producer_id=8, producer_epoch=epoch)
    return bytes(answer.encode(version=5))


async def test_the_next_transaction_has_the_epoch_that_the_end_of_the_last_one_tells() -> None:
    manager, broker, send = speaking(**{"26": ended(0, 3)})
    manager.increment_sequence_number(TopicPartition("a", 0), 5)
    assert (await send(1, END)).error_code == 0
    other = transaction.EndTxnRequest(transactional_id="id", producer_id=7, producer_epoch=2, committed=True)
    assert broker.last == other.encode(version=5)
    assert (manager.producer_id, manager.producer_epoch) == (8, 3)
    assert manager.sequence_number(TopicPartition("a", 0)) == 0


@pytest.mark.parametrize(
    ("error", "told"),
    [(51, 51), (90, 47), (48, 47), (49, 47), (16, 16)],
    ids=["the one before still ends", "fenced", "aborted by the broker", "fenced by a new id", "moved"],
)
async def test_a_transaction_that_is_not_ended_has_its_epoch_still(error: int, told: int) -> None:
    manager, _, send = speaking(**{"26": ended(error, -1)})
    manager.increment_sequence_number(TopicPartition("a", 0), 5)
    assert (await send(1, END)).error_code == told
    assert (manager.producer_id, manager.producer_epoch) == (7, 2)
    assert manager.sequence_number(TopicPartition("a", 0)) == 5


async def test_partitions_and_the_group_are_left_to_the_broker() -> None:
    manager, _, _ = speaking()
    manager.begin_transaction()
    manager.maybe_add_partition_to_txn(TopicPartition("a", 0))
    manager.add_offsets_to_txn({TopicPartition("a", 0): OffsetAndMetadata(1, "")}, "group")
    assert not manager.partitions_to_add()
    assert manager.consumer_group_to_add() is None
    assert manager.offsets_to_commit() == ({TopicPartition("a", 0): OffsetAndMetadata(1, "")}, "group")
    assert not manager.is_empty_transaction()


async def test_a_batch_that_comes_after_its_transactions_end_is_not_sent() -> None:
    """The broker would begin a transaction by it."""
    manager, _, _ = speaking()
    with pytest.raises(IllegalOperation):
        manager.maybe_add_partition_to_txn(TopicPartition("a", 0))


async def test_other_requests_go_out_as_they_are() -> None:
    request = InitProducerIdRequest("id", 1_000)
    sent = list[Any]()

    async def send(node_id: int, given: Any, **options: Any) -> SimpleNamespace:
        sent.append((node_id, given, options))
        return SimpleNamespace()

    await speak(TransactionManager("id", 10_000), send)(4, request, group="g")
    assert sent == [(4, request, {"group": "g"})]


def features(*levels: tuple[str, int], versions: Mapping[int, tuple[int, int]] = VERSIONS) -> bytes:
    feature, taken = ApiVersionsResponse.FinalizedFeatureKey, ApiVersionsResponse.ApiVersion
    answer = ApiVersionsResponse(
        error_code=0,
        api_keys=[taken(api_key=key, min_version=least, max_version=most) for key, (least, most) in versions.items()],
        throttle_time_ms=0,
        supported_features=[],
        finalized_features_epoch=9,
        finalized_features=[
            feature(name=name, max_version_level=level, min_version_level=level) for name, level in levels
        ],
    )
    return bytes(answer.encode(version=3))


@pytest.mark.parametrize(
    ("levels", "spoken"),
    [
        ([("metadata.version", 27), ("transaction.version", 2)], True),
        ([("transaction.version", 1), ("group.version", 2)], False),
        ([("group.version", 1)], False),
        ([], False),
    ],
)
async def test_a_cluster_speaks_it_once_its_feature_is_finalized(levels: list[tuple[str, int]], spoken: bool) -> None:
    """Its brokers may know the requests before: until all of them do, the first protocol holds."""
    broker = Broker(**{"18": features(*levels)})
    assert await is_spoken(broker, 1) is spoken


@pytest.mark.parametrize("capped", [(0, 11), (28, 4), (26, 4)])
async def test_it_is_not_spoken_through_a_proxy_that_lets_only_older_requests_through(capped: tuple[int, int]) -> None:
    """Its answers have the cluster's features all the same."""
    key, most = capped
    answer = features(("transaction.version", 2), versions=VERSIONS | {key: (0, most)})
    assert not await is_spoken(Broker(**{"18": answer}), 1)


async def test_brokers_that_know_no_features_do_not_speak_it() -> None:
    class Old(Broker):
        async def send(self, _node_id: int, request: Request[Any], **_: Any) -> Any:
            return request.prepare({18: (0, 2)})

    assert not await is_spoken(Old(), 1)
