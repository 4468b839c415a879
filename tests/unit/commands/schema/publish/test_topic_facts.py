"""What is said of the topics is what the bridge does with them."""

import json
import re
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from multidict import CIMultiDict

from bridge.intake import Intake
from bridge.settings import Settings
from commands.schema.publish.asyncapi_channels import specs_by_dataset
from commands.schema.publish.examples import as_document, event_record
from commands.schema.publish.files import ASYNCAPI, COMMITTED
from commands.schema.publish.header_schemas import HEADERS, SCHEMAS
from commands.schema.publish.topic_facts import FACTS
from schemas import headers as header
from schemas.acceptance import accept
from schemas.events import EVENT_NAMES
from schemas.keytable import KeyTable
from schemas.routing import aggregate_of
from tests.unit.processors.dedupe.test_agent import TOPICS, body, process, raw

ASYNCAPI_DOCUMENT: dict[str, Any] = json.loads((COMMITTED / ASYNCAPI).read_text(encoding="utf-8"))


def validate(kind: str, headers: Any) -> None:
    texts = {name: value.decode() for name, value in headers}
    assert texts.keys() <= SCHEMAS[kind]["properties"].keys()
    Draft202012Validator(SCHEMAS[kind]).validate(texts)


def test_every_topic_has_its_facts() -> None:
    assert list(FACTS) == list(specs_by_dataset(Settings(tenant="acme", order_lines=True)))


def test_each_event_is_in_its_cleaned_topic_and_in_no_other() -> None:
    assert {name: dataset for dataset, facts in FACTS.items() for name in facts.events} == {
        name: aggregate_of(name) for name in EVENT_NAMES
    }


def test_every_header_that_the_bridge_knows_is_described() -> None:
    texts = [value for name, value in vars(header).items() if name.isupper() and isinstance(value, str)]
    names = {value for value in texts if re.fullmatch(r"(ce|bridge)_[a-z_]+|content-type|traceparent", value)}
    assert HEADERS.keys() == names
    assert HEADERS.keys() == {name for schema in SCHEMAS.values() for name in schema["properties"]}


@pytest.mark.parametrize("published_at", ["2026-01-01T00:00:00Z", "soon"])
def test_records_of_the_worker_have_the_headers_that_are_described(published_at: str) -> None:
    first = body("customer.updated", published_at=published_at, id="c")
    other = body("fulfillment_request.assigned", id="r", logical_timestamp=1, a=1)
    conflict = body("fulfillment_request.assigned", id="r", logical_timestamp=1, a=2)
    unit, _ = process(raw(1, first), raw(2, other), raw(3, conflict), raw(4, b"[]"))
    kinds = {TOPICS.conflicts: "conflict", TOPICS.quarantine: "quarantine"}
    topics = [record[0] for record in unit.emitted]
    assert topics == [TOPICS.customers, TOPICS.orders, TOPICS.conflicts, TOPICS.orders, TOPICS.quarantine]
    for topic, _, _, _, _, headers in unit.emitted:
        validate(kinds.get(topic, "cleaned"), headers)


@pytest.mark.parametrize("trace", [None, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
@pytest.mark.parametrize(("value", "kind"), [(body("order.created", id="o"), "raw"), (b"[", "quarantine")])
def test_records_of_the_ingress_have_the_headers_that_are_described(trace: str | None, value: bytes, kind: str) -> None:
    accepted = accept(
        value,
        content_encoding=None,
        tenant="acme",
        table=KeyTable.shipped(),
        received_at_ms=1,
        traceparent=trace,
    )
    validate(kind, accepted.headers)


def test_the_stub_of_an_oversize_body_is_what_its_schema_says() -> None:
    stub = Intake(Settings(tenant="acme")).stub(b"{", 9_000_000, CIMultiDict({"content-length": "9000000"}), 1)
    validate("quarantine", stub.headers)
    schema = json.loads((COMMITTED / "oversize-stub.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(orjson.loads(stub.value))


def test_examples_in_the_asyncapi_document_are_valid() -> None:
    """The official parser does not look at them."""
    checked = 0
    for message in ASYNCAPI_DOCUMENT["components"]["messages"].values():
        for trait in message["traits"]:
            headers = resolved(resolved(trait)["headers"])
            for example in message.get("examples", ()):
                Draft202012Validator(headers).validate(example["headers"])
                Draft202012Validator(inlined(message["payload"])).validate(example["payload"])
                checked += 1
    assert checked > len(EVENT_NAMES)


def test_the_record_of_a_conflict_is_what_its_schema_says() -> None:
    schema = json.loads((COMMITTED / "conflicts.json").read_text(encoding="utf-8"))
    document = as_document(event_record("conflicts", "order.opened"))
    Draft202012Validator(schema).validate(document)
    del document["headers"]["bridge_first_source"]
    assert not Draft202012Validator(schema).is_valid(document)


def resolved(part: Any) -> Any:
    for step in part["$ref"].removeprefix("#/").split("/") if "$ref" in part else ():
        part = ASYNCAPI_DOCUMENT[step] if step == "components" else part[step]
    return part


def inlined(schema: Any) -> Any:
    """The schema with the components in reach of its references."""
    return {"components": ASYNCAPI_DOCUMENT["components"], **schema}
