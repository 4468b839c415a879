"""A data contract for each public topic, in the Open Data Contract Standard (ODCS)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from bridge.settings import Settings
from bridge.topics.spec import TopicSpec
from commands.schema.publish.contract_properties import schema_object
from commands.schema.publish.json_schema import Schema
from commands.schema.publish.topic_facts import FACTS, KEY_FIELDS, PROMISE, STATE, TopicFacts
from schemas.cloud_events import URN
from schemas.topics import AGGREGATES
from schemas.version import SCHEMAS_VERSION

_OWNER: Final = {
    "name": "operators of the bridge",
    "description": "The people who run the deployment. A company puts a team of its own in their place.",
}
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "order-state": ("order-state",),
    "order-lines": ("order-lines",),
    "quarantine": ("oversize-stub",),
}
_LEDGER: Final = "bridge verify"


def public_datasets() -> list[str]:
    """The topics that come with promises to readers."""
    return [dataset for dataset, facts in FACTS.items() if not facts.internal]


def contract(dataset: str, spec: TopicSpec, schemas: Mapping[str, Schema], settings: Settings) -> dict[str, Any]:
    """A topic's contract. `schemas`: the reader's profile by file name without its ending."""
    facts = FACTS[dataset]
    values = [f"events/{name}" for name in facts.events] or _VALUES.get(dataset, ())
    if facts.other_events:
        values = [*values, "envelope"]
    return {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": f"{URN}:contract:{dataset}",
        "name": spec.name,
        "version": SCHEMAS_VERSION,
        "status": "active",
        "description": {
            "purpose": _purpose(facts),
            "usage": PROMISE,
            "limitations": f"Ordering: {facts.ordering}. Delivery: {facts.delivery.value}.",
        },
        "servers": [{"server": "kafka", "type": "kafka", "host": ",".join(settings.kafka_bootstrap_servers)}],
        "schema": [
            schema_object(schemas[value], spec.name, KEY_FIELDS.get(dataset, ())) | {"quality": _quality(dataset)}
            for value in values
        ],
        "team": _OWNER,
        "roles": [{"role": "reader", "access": "READ on the topic and on the reader's own consumer group"}],
        "slaProperties": _service_levels(dataset, spec, settings),
        "customProperties": [
            {"property": name, "value": value}
            for name, value in {
                "recordKey": facts.key.value,
                "partitioning": facts.partitioning,
                "partitions": spec.partitions,
                "cleanupPolicy": spec.config["cleanup.policy"],
                "writtenBy": facts.written_by,
            }.items()
        ],
    }


def _purpose(facts: TopicFacts) -> str:
    """Title and value, without repeating in the value what ends the title."""
    subject = facts.title.partition(": ")[2]
    return f"{facts.title}: {facts.value.removeprefix(f'{subject}: ')}."


def _service_levels(dataset: str, spec: TopicSpec, settings: Settings) -> list[dict[str, Any]]:
    facts, found = FACTS[dataset], [_delivery(FACTS[dataset])]
    if "delete" in spec.config["cleanup.policy"]:
        kept = timedelta(milliseconds=int(spec.config["retention.ms"]))
        found.append({"property": "retention", "value": kept.days, "unit": "d"})
    elif dataset in STATE:
        why = "Counted from the last event of the order. Until then the topic keeps the last record of each key."
        kept = settings.order_retention
        found.append({"property": "retention", "value": kept.days, "unit": "d", "description": why})
    if facts.events or dataset in STATE:
        minutes = settings.late_after / timedelta(minutes=1)
        why = (
            "NewStore promises at most this time between an occurrence and its webhook. After that time"
            " the bridge counts a missing event as late."
        )
        found.append({"property": "latency", "value": round(minutes), "unit": "min", "description": why})
    return found


def _delivery(facts: TopicFacts) -> dict[str, Any]:
    return {"property": "delivery", "value": facts.delivery.value.partition(":")[0]}


def _quality(dataset: str) -> list[dict[str, Any]]:
    """The promises that `bridge verify` checks from the topics alone."""
    complete = (
        "Each delivery in raw has exactly one outcome, and the record of that outcome is there. No delivery is lost."
    )
    once = "The topic has no accepted event twice."
    if dataset in AGGREGATES or dataset == "conflicts":
        return [_rule("ledger-complete", "completeness", complete), _rule("ledger-once", "uniqueness", once)]
    if dataset in STATE:
        folded = "Each event that was in the orders topic is in the state of its order: `orders_pending` is 0."
        return [_rule("ledger-folded", "completeness", folded)]
    return [_rule("ledger-complete", "completeness", complete)]


def _rule(name: str, dimension: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "dimension": dimension,
        "description": description,
        "type": "custom",
        "engine": "newstore-kafka-bridge",
        "implementation": f"{_LEDGER} -o json",
        "severity": "error",
    }
