"""Kafka's second protocol for transactions, which aiokafka does not know.

Brokers from 4.0 on speak it (KIP-890). Each transaction has an epoch of its own, so that a late request of one before
cannot end it half-way, and brokers add partitions and the group to it by themselves: two requests fewer, one after the
other. Here aiokafka's requests go out in the versions that mean this protocol, and their answers come back in those
that aiokafka knows.
"""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IllegalOperation
from aiokafka.producer.transaction_manager import PidAndEpoch, TransactionManager
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import EndTxnRequest, TxnOffsetCommitRequest
from aiokafka.protocol.types import Boolean, CompactBytes, Int16, Int32, Int64, Schema

from processors.engine.overrides.features import TAGS, TEXT, FeaturesRequest, compact

Send = Callable[..., Awaitable[Any]]

_FEATURE: Final = "transaction.version"
_SECOND: Final = 2
_NO_TAGS: Final[dict[int, bytes]] = {}
_NONE: Final = -1

_CONCURRENT, _LOADING, _TOO_FEW, _OLD_EPOCH = 51, 14, 19, 47
_AS_BEFORE: Final = {49: _OLD_EPOCH, 90: _OLD_EPOCH}
"""What somebody else's fence is answered by, where the first protocol says INVALID_PRODUCER_EPOCH: PRODUCER_FENCED,
which aiokafka does not know, and INVALID_PRODUCER_ID_MAPPING, since the epochs of an id are used up within the hour."""
_ENDED_BEFORE: Final = {48: _OLD_EPOCH, **_AS_BEFORE}
"""At a transaction's end INVALID_TXN_STATE means that the broker has aborted it."""


class _ProduceResponse(Response):
    API_KEY, API_VERSION = 0, 12
    SCHEMA = Schema(
        (
            "topics",
            compact(
                ("topic", TEXT),
                (
                    "partitions",
                    compact(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("offset", Int64),
                        ("timestamp", Int64),
                        ("log_start_offset", Int64),
                        ("record_errors", compact(("batch_index", Int32), ("error_message", TEXT))),
                        ("error_message", TEXT),
                    ),
                ),
            ),
        ),
        ("throttle_time_ms", Int32),
        TAGS,
    )


class _ProduceRequestStruct(RequestStruct):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 0, 12, True, _ProduceResponse
    SCHEMA = Schema(
        ("transactional_id", TEXT),
        ("required_acks", Int16),
        ("timeout", Int32),
        (
            "topics",
            compact(
                ("topic", TEXT),
                ("partitions", compact(("partition", Int32), ("messages", CompactBytes()))),
            ),
        ),
        TAGS,
    )


class _Produce(Request[_ProduceRequestStruct]):
    API_KEY = 0

    def __init__(self, request: ProduceRequest) -> None:
        self._request = request

    def build(self, request_struct_class: type[_ProduceRequestStruct]) -> _ProduceRequestStruct:
        """As upstream."""
        given = self._request
        topics = [
            (topic, [(partition, data, _NO_TAGS) for partition, data in partitions], _NO_TAGS)
            for topic, partitions in given._topics
        ]
        return request_struct_class(given._transactional_id, given._required_acks, given._timeout, topics, _NO_TAGS)

    @staticmethod
    def answer(response: _ProduceResponse) -> SimpleNamespace:
        """The answer in version 5."""
        topics = [
            (topic, [(partition, _as_before(error, _TOO_FEW), *where[:3]) for partition, error, *where in partitions])
            for topic, partitions, _ in response.topics
        ]
        return SimpleNamespace(API_VERSION=5, topics=topics)


class _OffsetCommitResponse(Response):
    API_KEY, API_VERSION = 28, 5
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "errors",
            compact(
                ("topic", TEXT),
                ("partition_errors", compact(("partition", Int32), ("error_code", Int16))),
            ),
        ),
        TAGS,
    )


class _OffsetCommitRequestStruct(RequestStruct):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 28, 5, True, _OffsetCommitResponse
    SCHEMA = Schema(
        ("transactional_id", TEXT),
        ("group_id", TEXT),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        ("generation_id", Int32),
        ("member_id", TEXT),
        ("group_instance_id", TEXT),
        (
            "topics",
            compact(
                ("topic", TEXT),
                (
                    "partitions",
                    compact(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", TEXT),
                    ),
                ),
            ),
        ),
        TAGS,
    )


class _OffsetCommit(Request[_OffsetCommitRequestStruct]):
    API_KEY = 28

    def __init__(self, request: TxnOffsetCommitRequest) -> None:
        self._request = request

    def build(self, request_struct_class: type[_OffsetCommitRequestStruct]) -> _OffsetCommitRequestStruct:
        """As upstream. Without the group's generation, as in the first protocol: fencing is the producer's."""
        given = self._request
        topics = [
            (topic, [(partition, offset, _NONE, metadata, _NO_TAGS) for partition, offset, metadata in each], _NO_TAGS)
            for topic, each in given._topics
        ]
        ids = given._transactional_id, given._group_id, given._producer_id, given._producer_epoch
        return request_struct_class(*ids, _NONE, "", None, topics, _NO_TAGS)

    @staticmethod
    def answer(response: _OffsetCommitResponse) -> SimpleNamespace:
        """The answer in version 0."""
        errors = [
            (topic, [(partition, _as_before(error, _LOADING)) for partition, error, _ in partitions])
            for topic, partitions, _ in response.errors
        ]
        return SimpleNamespace(errors=errors)


class _EndResponse(Response):
    API_KEY, API_VERSION = 26, 5
    SCHEMA = Schema(
        ("throttle_time_ms", Int32), ("error_code", Int16), ("producer_id", Int64), ("producer_epoch", Int16), TAGS
    )


class _EndRequestStruct(RequestStruct):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 26, 5, True, _EndResponse
    SCHEMA = Schema(
        ("transactional_id", TEXT),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        ("transaction_result", Boolean),
        TAGS,
    )


class _End(Request[_EndRequestStruct]):
    API_KEY = 26

    def __init__(self, request: EndTxnRequest) -> None:
        self._request = request

    def build(self, request_struct_class: type[_EndRequestStruct]) -> _EndRequestStruct:
        """As upstream."""
        given = self._request
        ids = given._transactional_id, given._producer_id, given._producer_epoch
        return request_struct_class(*ids, given._transaction_result, _NO_TAGS)


def _as_before(error: int, concurrent: int) -> int:
    """The first protocol's code for an error; ``concurrent``: for a transaction before that is still being ended."""
    return concurrent if error == _CONCURRENT else _AS_BEFORE.get(error, error)


_STRUCTS: Final = (_ProduceRequestStruct, _OffsetCommitRequestStruct, _EndRequestStruct)


async def is_spoken(client: AIOKafkaClient, node_id: int) -> bool:
    """Whether the cluster speaks it, and this broker takes its requests."""
    try:
        answer = await client.send(node_id, FeaturesRequest())
    except NotImplementedError:
        return False
    taken = answer.versions  # a proxy may let fewer through than the brokers take
    level: int = answer.finalized.get(_FEATURE, 0)
    return level >= _SECOND and all(each.API_VERSION in taken.get(each.API_KEY, ()) for each in _STRUCTS)


def speak(manager: TransactionManager, send: Send) -> Send:
    """Have a producer that is READY speak it: returns what to send its requests by, in place of ``send``."""
    add_offsets = manager.add_offsets_to_txn

    def with_partition(partition: TopicPartition) -> None:
        if not manager.is_in_transaction():
            raise IllegalOperation("a batch comes after its transaction's end")  # the broker would begin one by it
        manager._txn_partitions.add(partition)

    def with_group(offsets: Any, group_id: str) -> Any:
        future = add_offsets(offsets, group_id)
        manager.consumer_group_added(group_id)
        return future

    manager.maybe_add_partition_to_txn, manager.add_offsets_to_txn = with_partition, with_group
    manager.consumer_group_to_add = lambda: None

    async def translated(node_id: int, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest):
            return _Produce.answer(await send(node_id, _Produce(request), **options))
        if isinstance(request, TxnOffsetCommitRequest):
            return _OffsetCommit.answer(await send(node_id, _OffsetCommit(request), **options))
        if isinstance(request, EndTxnRequest):
            return _ended(manager, await send(node_id, _End(request), **options))
        return await send(node_id, request, **options)

    return translated


def _ended(manager: TransactionManager, response: _EndResponse) -> SimpleNamespace:
    """The answer in version 0. The next transaction has the epoch that it tells, in which batches are numbered anew."""
    if not response.error_code:
        manager._pid_and_epoch = PidAndEpoch(response.producer_id, response.producer_epoch)
        manager._sequence_numbers.clear()
    return SimpleNamespace(error_code=_ENDED_BEFORE.get(response.error_code, response.error_code))
