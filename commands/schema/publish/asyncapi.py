"""The AsyncAPI document of all topics, with all schemas in it."""

from collections.abc import Mapping
from typing import Any, Final

from bridge.settings import Settings
from commands.schema.publish import header_schemas
from commands.schema.publish.asyncapi_channels import channels, operations
from commands.schema.publish.asyncapi_messages import message_traits, messages
from commands.schema.publish.components import components
from commands.schema.publish.json_schema import Schema
from commands.schema.publish.topic_facts import PROMISE
from schemas.cloud_events import schema_urn
from schemas.version import SCHEMAS_VERSION

_ABOUT: Final = (
    "NewStore's webhooks as Kafka topics: every delivery, each event once, and the state of each order."
    " Names and configuration are those of the default settings.\n\n"
)


def asyncapi_document(
    schemas: Mapping[str, Schema], settings: Settings, *, version: str = "3.1.0", name: str = "asyncapi"
) -> dict[str, Any]:
    """The document. `schemas`: all JSON Schemas by file name without its ending; `version`: AsyncAPI's."""
    return {
        "asyncapi": version,
        "id": schema_urn(name),
        "info": {
            "title": "NewStore-to-Kafka bridge",
            "version": SCHEMAS_VERSION,
            "description": _ABOUT + PROMISE,
            "tags": _tags(),
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _SERVER},
        "channels": channels(settings),
        "operations": operations(settings),
        "components": {
            "schemas": components(schemas)
            | {f"headers.{name}": dict(schema) for name, schema in header_schemas.SCHEMAS.items()},
            "messages": messages(),
            "messageTraits": message_traits(),
        },
    }


_SERVER: Final = {
    "host": "{bootstrap_server}",
    "protocol": "kafka",
    "description": "The Kafka cluster of the deployment (`BRIDGE_KAFKA_BOOTSTRAP_SERVERS`).",
    "variables": {"bootstrap_server": {"description": "host:port of a broker", "default": "127.0.0.1:9092"}},
}


def _tags() -> list[dict[str, str]]:
    return [
        {"name": "events", "description": "webhooks, byte for byte"},
        {"name": "state", "description": "the state that the bridge computes from the events"},
        {"name": "evidence", "description": "records that a person should look at"},
        {"name": "internal", "description": "internal to the bridge: content may change without notice"},
    ]
