"""Kafka requests that aiokafka lacks, each in the one version needed here.

Wire formats: https://kafka.apache.org/protocol
"""

from io import BytesIO
from typing import Any, ClassVar

from aiokafka.protocol.api import Request, RequestStruct, Response, ResponseHeader_v0
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactString,
    Int8,
    Int16,
    Int32,
    Int64,
    Schema,
    String,
    TaggedFields,
)

_TEXT, _COMPACT_TEXT = String("utf-8"), CompactString("utf-8")


def _compact(*fields: tuple[str, Any]) -> Any:
    """An array of structs in the flexible format (KIP-482): each struct ends with tags."""
    return CompactArray(*fields, ("tags", TaggedFields))


_FEATURES = _compact(("name", _COMPACT_TEXT), ("min_version", Int16), ("max_version", Int16))
_SUPPORTED = 0
"""Tag of the features that a broker's software supports."""


class _ApiVersionsResponse(Response):  # type: ignore[misc]  # aiokafka is not followed by mypy
    API_KEY = 18
    API_VERSION = 3
    SCHEMA = Schema(
        ("error_code", Int16),
        ("api_versions", _compact(("api_key", Int16), ("min_version", Int16), ("max_version", Int16))),
        ("throttle_time_ms", Int32),
        ("tags", TaggedFields),
    )

    @property
    def features(self) -> dict[str, int]:
        """The newest supported version of each feature."""
        encoded = self.tags.get(_SUPPORTED)
        found = _FEATURES.decode(BytesIO(encoded)) if encoded else None
        return {name: newest for name, _, newest, _ in found or ()}


class _ApiVersionsStruct(RequestStruct):  # type: ignore[misc]  # as above
    API_KEY = 18
    API_VERSION = 3
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _ApiVersionsResponse
    SCHEMA = Schema(
        ("client_software_name", _COMPACT_TEXT),
        ("client_software_version", _COMPACT_TEXT),
        ("tags", TaggedFields),
    )

    def parse_response_header(self, read_buffer: Any) -> Any:
        """Old brokers must be able to answer, too, so this response's header never has tags."""
        return ResponseHeader_v0.decode(read_buffer)


class FeaturesRequest(Request[_ApiVersionsStruct]):  # type: ignore[misc]  # as above
    """Which features a broker's software supports."""

    API_KEY: ClassVar[int] = 18

    def build(self, request_struct_class: Any) -> Any:
        """Called by aiokafka's connection."""
        return request_struct_class("newstore-kafka-bridge", "doctor", {})


class _MetadataResponse(Response):  # type: ignore[misc]  # as above
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
        """As above."""
        return request_struct_class(self._topics, False, False, True)


_PARTITIONS = _compact(("partition", Int32), ("size", Int64), ("offset_lag", Int64), ("is_future", Int8))


class _LogDirsResponse(Response):  # type: ignore[misc]  # as above
    API_KEY = 35
    API_VERSION = 4
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        (
            "results",
            _compact(
                ("error_code", Int16),
                ("log_dir", _COMPACT_TEXT),
                ("topics", _compact(("name", _COMPACT_TEXT), ("partitions", _PARTITIONS))),
                ("total_bytes", Int64),
                ("usable_bytes", Int64),
            ),
        ),
        ("tags", TaggedFields),
    )


class _LogDirsStruct(RequestStruct):  # type: ignore[misc]  # as above
    API_KEY = 35
    API_VERSION = 4
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _LogDirsResponse
    SCHEMA = Schema(
        ("topics", _compact(("topic", _COMPACT_TEXT), ("partitions", CompactArray(Int32)))),
        ("tags", TaggedFields),
    )


class LogDirsRequest(Request[_LogDirsStruct]):  # type: ignore[misc]  # as above
    """A broker's disks (KIP-827), without their contents."""

    API_KEY: ClassVar[int] = 35

    def build(self, request_struct_class: Any) -> Any:
        """As above."""
        return request_struct_class([], {})
