"""Which features a broker's software supports, and which the cluster has agreed on: a request that aiokafka lacks.

Wire format: https://kafka.apache.org/protocol (ApiVersions, version 3)
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import aiokafka
from aiokafka.protocol.api import Request, RequestStruct, Response, ResponseHeader_v0
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

TEXT: Final = CompactString("utf-8")
TAGS: Final = ("tags", TaggedFields)


def compact(*fields: tuple[str, Any]) -> Any:
    """An array of structs in the flexible format (KIP-482): each struct ends with tags."""
    return CompactArray(*fields, TAGS)


_FEATURES: Final = compact(("name", TEXT), ("one_level", Int16), ("other_level", Int16))  # which is which: by the tag
_SUPPORTED: Final = 0
"""Tag of the features of a broker's software: each with its oldest and its newest level."""
_FINALIZED: Final = 2
"""Tag of the features of the cluster: each with the newest and the oldest level that its brokers use."""


class _Answer(Response):
    API_KEY, API_VERSION = 18, 3
    SCHEMA = Schema(
        ("error_code", Int16),
        ("api_versions", compact(("api_key", Int16), ("min_version", Int16), ("max_version", Int16))),
        ("throttle_time_ms", Int32),
        TAGS,
    )

    @property
    def versions(self) -> Mapping[int, range]:
        """The versions of each request, by API key, that the broker takes, or that a proxy before it lets through."""
        return {key: range(oldest, newest + 1) for key, oldest, newest, *_ in self.api_versions}

    @property
    def supported(self) -> Mapping[str, int]:
        """The newest level of each feature that the broker's software supports."""
        return {name: newest for name, _, newest, _ in self._features(_SUPPORTED)}

    @property
    def finalized(self) -> Mapping[str, int]:
        """The level of each feature that the cluster has agreed on."""
        return {name: newest for name, newest, *_ in self._features(_FINALIZED)}

    def _features(self, tag: int) -> list[Any]:
        encoded = self.tags.get(tag)
        found = _FEATURES.decode(BytesIO(encoded)) if encoded else None
        return found or []


class _Struct(RequestStruct):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 18, 3, True, _Answer
    SCHEMA = Schema(("client_software_name", TEXT), ("client_software_version", TEXT), TAGS)

    def parse_response_header(self, read_buffer: BytesIO | bytes) -> ResponseHeader_v0:
        """Old brokers must be able to answer, too, so this response's header never has tags."""
        header: ResponseHeader_v0 = ResponseHeader_v0.decode(read_buffer)
        return header


class FeaturesRequest(Request[_Struct]):
    """Ask a broker for both, and which requests it takes. NotImplementedError: it is a Kafka before 2.4."""

    API_KEY = 18

    def build(self, request_struct_class: type[_Struct]) -> _Struct:
        """Called by aiokafka's connection."""
        return request_struct_class("aiokafka", aiokafka.__version__, {})
