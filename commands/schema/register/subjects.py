"""The subjects, by the naming strategies that serializers and readers know. Pure."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from commands.schema.publish.json_schema import document, schema_of
from commands.schema.publish.topic_facts import FACTS
from commands.schema.register.forms import registered
from schemas.order_line import OrderLineKey
from schemas.topics import AGGREGATES, Topics


class Strategy(StrEnum):
    """How subjects are named; `TOPIC` is the default of most tools."""

    TOPIC = "topic"
    """`<topic>-value`, `<topic>-key`: one schema for a whole topic; for events, the one of the envelope."""
    RECORD = "record"
    """`<event name>` or `<title>`: one schema for each kind of record, in whatever topic."""
    TOPIC_RECORD = "topic-record"
    """`<topic>-<event name>`: both."""


class Subject(NamedTuple):
    """A subject and the schema to register in it."""

    name: str
    schema: dict[str, Any]


Schemas = Mapping[str, Mapping[str, Any]]
"""The published schemas by file name without its ending."""

_KEYS = {"order-lines": document("order-lines-key", schema_of(OrderLineKey))}
_OF_EVENTS = ("raw", *AGGREGATES, "conflicts")


def subjects(schemas: Schemas, topics: Topics, strategy: Strategy) -> list[Subject]:
    """Every subject once, in the order of the topics. Quarantine has none: its records may be anything."""
    return list({subject.name: subject for subject in _named(schemas, topics, strategy)}.values())


def _named(schemas: Schemas, topics: Topics, strategy: Strategy) -> Iterator[Subject]:
    for dataset, facts in FACTS.items():
        topic = f"{topics.prefix}.{dataset}.v1"
        if dataset in _OF_EVENTS and strategy is not Strategy.TOPIC:
            kinds = {name: schemas[f"events/{name}"] for name in facts.events}
        elif dataset in _OF_EVENTS:
            kinds = {"value": schemas["envelope"]}
        elif dataset in schemas and dataset.startswith("order-"):
            kinds = {"value" if strategy is Strategy.TOPIC else schemas[dataset]["title"]: schemas[dataset]}
        else:
            continue
        if strategy is Strategy.TOPIC and dataset in _KEYS:
            kinds |= {"key": _KEYS[dataset]}
        for kind, schema in kinds.items():
            yield Subject(kind if strategy is Strategy.RECORD else f"{topic}-{kind}", registered(schema))
