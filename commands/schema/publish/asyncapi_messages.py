"""The messages of each topic, and the traits that all messages of a topic share."""

from typing import Any, Final

from commands.schema.publish import examples
from commands.schema.publish.examples import Example
from commands.schema.publish.topic_facts import FACTS, RecordKey, TopicFacts
from schemas.events import entity_of
from schemas.headers import CE_ID
from schemas.models import EVENT_MODELS
from schemas.topics import AGGREGATES

_BYTES: Final = {"type": "string", "format": "binary"}
_OF_EVENTS: Final = ("raw", "cleaned")
_NO_JSON: Final = "application/octet-stream"


def messages() -> dict[str, Any]:
    """Every message by its id."""
    return {name: message for dataset in FACTS for name, message in messages_of(dataset).items()}


def messages_of(dataset: str) -> dict[str, Any]:
    """A topic's messages by their ids, which are unique among all topics."""
    facts = FACTS[dataset]
    made = {name: _event(dataset, name) for name in facts.events}
    if dataset in AGGREGATES:
        name = f"{entity_of(facts.events[0])}.something_new" if facts.events else "something.new"
        made[f"{dataset}.undocumented"] = {
            "title": "An event that NewStore does not document",
            "payload": _ref("envelope"),
            "examples": [_example(examples.event_record(dataset, name))],
        }
        return {name: _of(dataset, message) for name, message in made.items()}
    made = {name: _of(dataset, message) for name, message in _OTHERS.get(dataset, {dataset: _internal(facts)}).items()}
    return made | _deletions_of(dataset)


def _deletions_of(dataset: str) -> dict[str, Any]:
    """The record that deletes another one. It has no headers, so it needs a trait of its own."""
    return {
        name: _of(name, {"title": f"Deletion: {why}", "payload": {"type": "null"}, "examples": [_NOTHING]})
        for name, why in _DELETIONS.get(dataset, {}).items()
    }


def message_traits() -> dict[str, Any]:
    """The traits: one for each dataset, and one for each deletion."""
    of_topics = {dataset: _trait(dataset, facts, facts.headers) for dataset, facts in FACTS.items()}
    return of_topics | {
        name: _trait(dataset, FACTS[dataset], "none") for dataset, names in _DELETIONS.items() for name in names
    }


def _trait(dataset: str, facts: TopicFacts, headers: str) -> dict[str, Any]:
    trait: dict[str, Any] = {
        "headers": {"$ref": f"#/components/schemas/headers.{headers}"},
        "tags": [{"name": tag_of(dataset, facts)}],
    }
    if facts.key not in {RecordKey.NONE, RecordKey.INTERNAL}:
        key = {"type": "string", "description": facts.key.value}
        trait["bindings"] = {"kafka": {"key": key, "bindingVersion": "0.5.0"}}
    if facts.headers in _OF_EVENTS:
        location = f"$message.header#/{CE_ID}"
        trait["correlationId"] = {"location": location, "description": "the same in every topic that has the event"}
    return trait


def tag_of(dataset: str, facts: TopicFacts) -> str:
    """The kind of topic, as explained in `asyncapi`."""
    if facts.internal:
        return "internal"
    return {"order-state": "state", "order-lines": "state", "conflicts": "evidence", "quarantine": "evidence"}.get(
        dataset, "events"
    )


def _of(trait: str, message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "traits": [{"$ref": f"#/components/messageTraits/{trait}"}]}


def _event(dataset: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": EVENT_MODELS[name].__doc__,
        "payload": _ref(name),
        "examples": [_example(examples.event_record(dataset, name))],
    }


def _internal(facts: TopicFacts) -> dict[str, Any]:
    return {"title": facts.title, "contentType": _NO_JSON, "payload": _BYTES}


def _example(example: Example) -> dict[str, Any]:
    value = example.value.decode() if isinstance(example.value, bytes) else example.value
    return {"headers": example.headers, "payload": value}


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


_NOTHING: Final[dict[str, Any]] = {"headers": {}, "payload": None}
_DELETIONS: Final[dict[str, dict[str, str]]] = {
    "order-state": {
        "order-state.deleted": "the order was forgotten or erased, or is in another partition now",
    },
    "order-lines": {
        "order-line.deleted": "its order was forgotten or erased, or is in another partition now, or the line lies"
        " beyond the order's bound",
    },
}
"""Messages without a value by dataset, and when they come."""
_OTHERS: Final[dict[str, dict[str, Any]]] = {
    "raw": {
        "raw": {
            "title": "One delivery of an event",
            "payload": _ref("envelope"),
            "examples": [_example(examples.event_record("raw", "order.opened"))],
        }
    },
    "order-state": {
        "order-state": {
            "title": "State of an order",
            "payload": _ref("order-state"),
            "examples": [_example(examples.order_state())],
        }
    },
    "order-lines": {
        "order-line": {
            "title": "An item of an order",
            "payload": _ref("order-lines"),
            "examples": [_example(examples.order_line())],
        }
    },
    "conflicts": {
        "conflict": {
            "title": "An event with another payload under a known key",
            "payload": _ref("envelope"),
            "examples": [_example(examples.event_record("conflicts", "order.opened"))],
        }
    },
    "quarantine": {
        "quarantined-body": {
            "title": "A body as received, whatever it is",
            "contentType": _NO_JSON,
            "payload": _BYTES,
            "examples": [_example(examples.quarantined())],
        },
        "oversize-stub": {
            "title": "A stub for a body that is too large",
            "payload": _ref("oversize-stub"),
            "examples": [_example(examples.oversize())],
        },
    },
}
