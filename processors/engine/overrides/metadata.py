"""What one broker knows of the cluster: its brokers, and who leads which partition.

aiokafka speaks Metadata up to version 5, which has neither topic ids nor leader epochs; this is version 12 of the same
request (Kafka protocol guide, KIP-516), with the fields that come on the wire and no others.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final, NamedTuple
from uuid import UUID

from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)
from aiokafka.structs import TopicPartition

OLDEST_KAFKA: Final = "3.1"
"""The first release that has this version of the request."""


class Broker(NamedTuple):
    """A broker, and where it is reached."""

    node_id: int
    host: str
    port: int

    def __str__(self) -> str:
        return f"broker {self.node_id}, {self.host}:{self.port}"


class Leadership(NamedTuple):
    """Who leads a partition in which epoch; the epoch grows with each change of leaders.

    ``leader``: None if nobody leads. ``offline_replicas``: brokers that have a copy and are away. ``lineage``:
    ``<cluster id>/<topic id>``, which tells a topic from another one of the same name.
    """

    leader_epoch: int
    leader: Broker | None
    offline_replicas: tuple[int, ...] = ()
    lineage: str = ""


class ClusterView(NamedTuple):
    """One broker's answer: as old as its last contact with the controller, which may be long ago."""

    brokers: frozenset[Broker]
    partitions: dict[TopicPartition, Leadership]
    errors: dict[str, str]
    """For each topic that the broker cannot tell of, Kafka's name of the error."""


def read_metadata(response: Any) -> ClusterView:
    """The view that a response of ``MetadataRequest`` gives."""
    brokers = {node_id: Broker(node_id, host, port) for node_id, host, port, *_ in response.brokers}
    partitions = {
        TopicPartition(topic, partition): Leadership(
            leader_epoch, brokers.get(leader), tuple(offline), f"{response.cluster_id}/{topic_id}"
        )
        for _, topic, topic_id, _, answers, *_ in response.topics
        for _, partition, leader, leader_epoch, _, _, offline, _ in answers
    }
    errors = {topic: for_code(error).message for error, topic, *_ in response.topics if error}
    return ClusterView(frozenset(brokers.values()), partitions, errors)


class _Uuid(AbstractType[UUID]):
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


_NAME = CompactString("utf-8")


class _MetadataResponseV12(Response):
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(("node_id", Int32), ("host", _NAME), ("port", Int32), ("rack", _NAME), ("tags", TaggedFields)),
        ),
        ("cluster_id", _NAME),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", _NAME),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequestV12(RequestStruct):
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _MetadataResponseV12
    FLEXIBLE_VERSION = True
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("topic", _NAME), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class MetadataRequest(Request[_MetadataRequestV12]):
    """Asks for these topics, and creates none."""

    API_KEY = 3

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_MetadataRequestV12]) -> _MetadataRequestV12:
        return request_struct_class([(UUID(int=0), topic, {}) for topic in self._topics], False, False, {})
