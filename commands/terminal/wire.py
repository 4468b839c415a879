"""Kafka requests that aiokafka lacks, each in the one version needed here.

Wire formats: https://kafka.apache.org/protocol
"""

from typing import Any, ClassVar

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    Int8,
    Int16,
    Int32,
    Int64,
    Schema,
    String,
)

from processors.engine.overrides.features import TAGS, TEXT, compact

_TEXT = String("utf-8")


class _MetadataResponse(Response):  # type: ignore[misc]  # aiokafka is not followed by mypy
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT))),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("name", _TEXT),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _MetadataStruct(RequestStruct):  # type: ignore[misc]  # as above
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", Array(_TEXT)),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class AllowedRequest(Request[_MetadataStruct]):  # type: ignore[misc]  # as above
    """All brokers, and what we may do with some topics (KIP-430). It creates no missing topic."""

    API_KEY: ClassVar[int] = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: Any) -> Any:
        """Called by aiokafka's connection."""
        return request_struct_class(self._topics, False, False, True)


_PARTITIONS = compact(("partition", Int32), ("size", Int64), ("offset_lag", Int64), ("is_future", Int8))


class _LogDirsResponse(Response):  # type: ignore[misc]  # as above
    API_KEY = 35
    API_VERSION = 4
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        (
            "results",
            compact(
                ("error_code", Int16),
                ("log_dir", TEXT),
                ("topics", compact(("name", TEXT), ("partitions", _PARTITIONS))),
                ("total_bytes", Int64),
                ("usable_bytes", Int64),
            ),
        ),
        TAGS,
    )


class _LogDirsStruct(RequestStruct):  # type: ignore[misc]  # as above
    API_KEY = 35
    API_VERSION = 4
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _LogDirsResponse
    SCHEMA = Schema(
        ("topics", compact(("topic", TEXT), ("partitions", CompactArray(Int32)))),
        TAGS,
    )


class LogDirsRequest(Request[_LogDirsStruct]):  # type: ignore[misc]  # as above
    """A broker's disks (KIP-827), without their contents."""

    API_KEY: ClassVar[int] = 35

    def build(self, request_struct_class: Any) -> Any:
        """As above."""
        return request_struct_class([], {})
