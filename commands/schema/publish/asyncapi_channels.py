"""The topics as channels with their Kafka configuration, and the bridge's own operations on them."""

from typing import Any, Final

from bridge.settings import Settings
from bridge.topics.spec import TopicSpec
from commands.schema.publish.asyncapi_messages import messages_of, tag_of
from commands.schema.publish.topic_facts import FACTS, TopicFacts
from commands.terminal.topics import datasets

_BINDING: Final = {"bindingVersion": "0.5.0"}
_READ_BY_THE_WORKER: Final = ("raw", "orders")


def channels(settings: Settings) -> dict[str, Any]:
    """Every topic by dataset."""
    return {dataset: _channel(dataset, FACTS[dataset], spec) for dataset, spec in datasets(settings).items()}


def operations(settings: Settings) -> dict[str, Any]:
    """The bridge's own operations: it writes every topic, and reads two of them with its consumer group."""
    send = {
        f"send.{dataset}": _operation("send", dataset, f"Written by {facts.written_by}.")
        for dataset, facts in FACTS.items()
    }
    group = {"groupId": {"type": "string", "const": settings.group_id}, **_BINDING}
    receive = {
        f"receive.{dataset}": _operation("receive", dataset, "Read by the worker.") | {"bindings": {"kafka": group}}
        for dataset in _READ_BY_THE_WORKER
    }
    return send | receive


def _channel(dataset: str, facts: TopicFacts, spec: TopicSpec) -> dict[str, Any]:
    channel = {
        "address": spec.name,
        "title": facts.title,
        "description": f"{facts.value[0].upper()}{facts.value[1:]}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages_of(dataset)},
        "tags": [{"name": tag_of(dataset, facts)}],
        "bindings": {"kafka": _topic(spec)},
        "x-record-key": facts.key.value,
        "x-partitioning": facts.partitioning,
        "x-ordering": facts.ordering,
        "x-delivery-guarantee": facts.delivery.value,
    }
    return channel | ({"x-internal": True} if facts.internal else {})


def _topic(spec: TopicSpec) -> dict[str, Any]:
    configuration = {name: int(value) if value.lstrip("-").isdigit() else value for name, value in spec.config.items()}
    return {
        "topic": spec.name,
        "partitions": spec.partitions,
        "replicas": spec.replication,
        "topicConfiguration": {**configuration, "cleanup.policy": spec.config["cleanup.policy"].split(",")},
        **_BINDING,
    }


def _operation(action: str, dataset: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{dataset}"}, "summary": summary}
