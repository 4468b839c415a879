"""Kafka's IncrementalAlterConfigs request (KIP-339), which aiokafka does not have.

aiokafka's own `alter_configs` sends the legacy AlterConfigs: every entry that it does not name falls back to
its default, so what an operator has set would vanish. This one changes the entries it names and nothing else.
Wire format: https://kafka.apache.org/protocol#The_Messages_IncrementalAlterConfigs
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, ClassVar, Final

from aiokafka.admin.config_resource import ConfigResourceType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

from bridge.topics.change import ConfigChange

_SET: Final = 0


class IncrementalAlterConfigsResponse(Response):  # type: ignore[misc]  # aiokafka is not followed by mypy
    """One error code and message for each resource."""

    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "responses",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class IncrementalAlterConfigsStruct(RequestStruct):  # type: ignore[misc]  # as above
    """The wire format."""

    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = IncrementalAlterConfigsResponse
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(("name", String("utf-8")), ("config_operation", Int8), ("value", String("utf-8"))),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class IncrementalAlterConfigsRequest(Request[IncrementalAlterConfigsStruct]):  # type: ignore[misc]  # as above
    """Set the entries of `changes`, in which those of a topic follow one another."""

    API_KEY: ClassVar[int] = 44

    def __init__(self, changes: Iterable[ConfigChange]) -> None:
        self._resources = [
            (ConfigResourceType.TOPIC, topic, [(change.name, _SET, change.wanted) for change in group])
            for topic, group in groupby(changes, key=lambda change: change.topic)
        ]

    def build(self, request_struct_class: Any) -> Any:
        """Called by aiokafka's connection once the broker's versions are known."""
        return request_struct_class(self._resources, False)
