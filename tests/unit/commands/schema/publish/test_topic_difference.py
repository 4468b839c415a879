"""Which change of a topic breaks its readers."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
import pytest

from commands.schema.publish.files import ASYNCAPI
from commands.schema.publish.schema_difference import Effect
from commands.schema.publish.topic_difference import topic_differences
from tests.unit.commands.schema.published import PUBLISHED

Json = dict[str, Any]
Change = Callable[[Json], Any]

DOCUMENT: Json = orjson.loads(PUBLISHED[ASYNCAPI])
ORDERS = "/channels/orders"
TOPIC = f"{ORDERS}/bindings/kafka"


def found(change: Change) -> list[tuple[Effect, str]]:
    changed = deepcopy(DOCUMENT)
    change(changed)
    return [(each.effect, each.pointer) for each in topic_differences(ASYNCAPI, DOCUMENT, changed)]


def orders(document: Json) -> Json:
    channel: Json = document["channels"]["orders"]
    return channel


def entry(name: str, value: Any) -> Change:
    return lambda document: orders(document)["bindings"]["kafka"]["topicConfiguration"].update({name: value})


def headers(document: Json) -> Json:
    schema: Json = document["components"]["schemas"]["headers.cleaned"]
    return schema


BREAKING: dict[str, tuple[Change, str]] = {
    "a topic removed": (lambda document: document["channels"].pop("orders"), ORDERS),
    "a topic renamed": (lambda document: orders(document).update(address="o"), f"{ORDERS}/address"),
    "another key": (lambda document: orders(document).update({"x-record-key": "k"}), f"{ORDERS}/x-record-key"),
    "another partitioning": (
        lambda document: orders(document).update({"x-partitioning": "p"}),
        f"{ORDERS}/x-partitioning",
    ),
    "another guarantee": (
        lambda document: orders(document).update({"x-delivery-guarantee": "none"}),
        f"{ORDERS}/x-delivery-guarantee",
    ),
    "the bridge's own from now on": (
        lambda document: orders(document).update({"x-internal": True}),
        f"{ORDERS}/x-internal",
    ),
    "other partitions": (
        lambda document: orders(document)["bindings"]["kafka"].update(partitions=9),
        f"{TOPIC}/partitions",
    ),
    "a shorter retention": (entry("retention.ms", 1000), f"{TOPIC}/topicConfiguration/retention.ms"),
    "a limit in bytes": (entry("retention.bytes", 1000), f"{TOPIC}/topicConfiguration/retention.bytes"),
    "compaction": (entry("cleanup.policy", ["compact"]), f"{TOPIC}/topicConfiguration/cleanup.policy"),
    "an event that is elsewhere": (
        lambda document: orders(document)["messages"].pop("order.opened"),
        f"{ORDERS}/messages/order.opened",
    ),
    "a header removed": (
        lambda document: headers(document)["properties"].pop("ce_time"),
        f"{ORDERS}/messages/order.opened/headers/properties/ce_time",
    ),
    "a header that may be missing": (
        lambda document: headers(document)["required"].remove("ce_id"),
        f"{ORDERS}/messages/order.opened/headers/properties/ce_id",
    ),
    "another schema of the body": (
        lambda document: document["components"]["messages"]["order.opened"].update(payload={}),
        f"{ORDERS}/messages/order.opened/payload",
    ),
    "another content type": (
        lambda document: document["components"]["messages"]["order.opened"].update(contentType="text/plain"),
        f"{ORDERS}/messages/order.opened/contentType",
    ),
}


@pytest.mark.parametrize("change", BREAKING)
def test_what_breaks_a_reader(change: str) -> None:
    made, pointer = BREAKING[change]
    assert (Effect.BREAKING, pointer) in found(made)


HARMLESS: dict[str, tuple[Change, Effect, str]] = {
    "a new topic": (
        lambda document: document["channels"].update(new=orders(document)),
        Effect.COMPATIBLE,
        "/channels/new",
    ),
    "a longer retention": (
        entry("retention.ms", 10**12),
        Effect.COMPATIBLE,
        f"{TOPIC}/topicConfiguration/retention.ms",
    ),
    "for ever": (entry("retention.ms", -1), Effect.COMPATIBLE, f"{TOPIC}/topicConfiguration/retention.ms"),
    "larger records": (
        entry("max.message.bytes", 10**9),
        Effect.COMPATIBLE,
        f"{TOPIC}/topicConfiguration/max.message.bytes",
    ),
    "another event": (
        lambda document: orders(document)["messages"].update({"order.archived": {}}),
        Effect.COMPATIBLE,
        f"{ORDERS}/messages/order.archived",
    ),
    "a better description": (
        lambda document: orders(document).update(description="All about orders."),
        Effect.DOCS_ONLY,
        f"{ORDERS}/description",
    ),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_what_breaks_nobody(change: str) -> None:
    made, effect, pointer = HARMLESS[change]
    assert found(made) == [(effect, pointer)]


def test_a_new_header_breaks_nobody_unless_it_is_said_to_be_always_there() -> None:
    """Kept records lack it."""
    effects = {effect for effect, _ in found(lambda document: headers(document)["properties"].update(bridge_x={}))}
    assert effects == {Effect.COMPATIBLE}

    def always(document: Json) -> None:
        headers(document)["properties"]["bridge_x"] = {}
        headers(document)["required"].append("bridge_x")

    assert {effect for effect, _ in found(always)} == {Effect.BREAKING}


def test_what_is_in_the_bridges_own_topics_may_change() -> None:
    assert found(lambda document: document["components"]["messages"]["rules"].update(payload={})) == []
