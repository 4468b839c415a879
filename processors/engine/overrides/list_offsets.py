"""Where a partition's log begins and ends, as its leader has it.

aiokafka speaks ListOffsets up to version 3, in which the broker cannot tell that the asker believes in another leader
epoch. This is version 5 (KIP-320), for whose epoch aiokafka's own schema has a wrong width.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int8, Int16, Int32, Int64, Schema, String
from aiokafka.structs import TopicPartition

EARLIEST: Final = -2
LATEST: Final = -1
READ_UNCOMMITTED: Final = 0
READ_COMMITTED: Final = 1
_NO_REPLICA = -1

_NAME = String("utf-8")


class _ListOffsetsResponseV5(Response):
    API_KEY = 2
    API_VERSION = 5
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            Array(
                ("topic", _NAME),
                (
                    "partitions",
                    Array(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("timestamp", Int64),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                    ),
                ),
            ),
        ),
    )


class _ListOffsetsRequestV5(RequestStruct):
    API_KEY = 2
    API_VERSION = 5
    RESPONSE_TYPE = _ListOffsetsResponseV5
    SCHEMA = Schema(
        ("replica_id", Int32),
        ("isolation_level", Int8),
        (
            "topics",
            Array(
                ("topic", _NAME),
                (
                    "partitions",
                    Array(("partition", Int32), ("current_leader_epoch", Int32), ("timestamp", Int64)),
                ),
            ),
        ),
    )


class ListOffsetsRequest(Request[_ListOffsetsRequestV5]):
    """``epochs``: partition -> the leader epoch in which the broker is asked."""

    API_KEY = 2

    def __init__(self, epochs: Mapping[TopicPartition, int], timestamp: int, isolation_level: int) -> None:
        self._epochs, self._timestamp, self._isolation_level = epochs, timestamp, isolation_level

    def build(self, request_struct_class: type[_ListOffsetsRequestV5]) -> _ListOffsetsRequestV5:
        topics: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for tp, epoch in self._epochs.items():
            topics[tp.topic].append((tp.partition, epoch, self._timestamp))
        return request_struct_class(_NO_REPLICA, self._isolation_level, list(topics.items()))


def read_offsets(response: Any) -> dict[TopicPartition, int | str]:
    """Each partition's offset, or Kafka's name of the error."""
    return {
        TopicPartition(topic, partition): for_code(error).message if error else offset
        for topic, answers in response.topics
        for partition, error, _, offset, _ in answers
    }
