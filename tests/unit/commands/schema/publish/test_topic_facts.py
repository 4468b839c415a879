"""What is said of topics is what the bridge does with them."""

import json
import re
from functools import partial
from typing import Any

import orjson
import pytest
from faust.types import TP
from jsonschema import Draft202012Validator
from multidict import CIMultiDict

from bridge.intake import Intake
from bridge.settings import Settings
from commands.schema.publish.examples import as_document, event_record
from commands.schema.publish.files import ASYNCAPI, COMMITTED
from commands.schema.publish.header_schemas import HEADERS, SCHEMAS
from commands.schema.publish.topic_facts import FACTS
from commands.schema.publish.topic_page import topic_page
from commands.terminal.topics import datasets
from commands.topics.migration.changes import Change
from commands.topics.migration.writing import order_writes
from processors.engine.chunk import nothing
from processors.orders.apply import OrderRules, apply
from processors.orders.table import row_key
from processors.quarantine import put_aside
from schemas import headers as header
from schemas.acceptance import accept
from schemas.events import EVENT_NAMES
from schemas.headers import Headers
from schemas.keytable import KeyTable
from schemas.routing import aggregate_of
from schemas.topics import Topics
from tests.unit.processors.dedupe.test_agent import TOPICS, FakeUnit, body, process, raw
from tests.unit.processors.orders.facts import ORDER_ID, fact, items

ASYNCAPI_DOCUMENT: dict[str, Any] = json.loads((COMMITTED / ASYNCAPI).read_text(encoding="utf-8"))


def texts(headers: Headers) -> dict[str, str]:
    return {name: value.decode() for name, value in headers}


def validate(kind: str, headers: Any) -> None:
    found = texts(headers)
    assert found.keys() <= SCHEMAS[kind]["properties"].keys()
    Draft202012Validator(SCHEMAS[kind]).validate(found)


def test_every_topic_has_its_facts() -> None:
    assert list(FACTS) == list(datasets(Settings(tenant="acme", order_lines=True)))


def test_each_page_says_how_its_records_are_compressed() -> None:
    for dataset, spec in datasets(Settings(tenant="acme", order_lines=True)).items():
        assert "\n| compression | " in topic_page(dataset, spec)


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


def test_so_is_the_stub_of_what_the_worker_has_no_room_for_and_its_header_tells_it_whatever_the_reason() -> None:
    large = body("order.opened", id="o-1", note="x" * 1_000_000)
    unit: Any = FakeUnit([raw(7, large)])
    unit.chunk = nothing(TP("raw", 3), 7, 8)
    put_aside(unit, unit.records[0], TOPICS, "dedupe", ValueError("too large"))
    [(_, _, _, value, _, headers)] = unit.emitted
    validate("quarantine", headers)
    Draft202012Validator(json.loads((COMMITTED / "oversize-stub.json").read_text())).validate(orjson.loads(value))
    found = dict(headers)
    assert (orjson.loads(value)["size"], found[header.CE_DATASCHEMA]) == (len(large), header.STUB_SCHEMA)
    assert found[header.ERROR_REASON] == b"handler_failed"


def test_examples_in_the_asyncapi_document_are_valid() -> None:
    """The official parser does not look at them."""
    checked = 0
    for name, message in ASYNCAPI_DOCUMENT["components"]["messages"].items():
        for example in message.get("examples", ()):
            assert is_one(name, example["headers"], example["payload"])
            checked += 1
    assert checked > len(EVENT_NAMES)


def test_a_deletion_is_a_message_of_its_own_without_a_value_and_without_headers() -> None:
    row = apply(None, [fact("order.created", items=items("A"))], OrderRules(writes_lines=True)).row
    key, topics, rules = row_key(ORDER_ID.encode()), Topics("newstore"), OrderRules(writes_lines=True)
    writes = partial(order_writes, topics, rules, lambda _key, _partition: ["A"])
    written = [write for change in (Change(key, 1, None, 9), Change(key, 5, row, 7)) for write in writes(change)]
    found = [
        (channel, name)
        for write in written
        for channel, said in ASYNCAPI_DOCUMENT["channels"].items()
        if said["address"] == write.topic and channel != "orders-changelog"
        for name in said["messages"]
        if is_one(name, texts(write.headers), orjson.loads(write.value or b"null"))
    ]
    assert found == [
        ("order-state", "order-state.deleted"),
        ("order-lines", "order-line.deleted"),
        ("order-state", "order-state"),
        ("order-lines", "order-line"),
    ]


def test_the_record_of_a_conflict_is_what_its_schema_says() -> None:
    schema = json.loads((COMMITTED / "conflicts.json").read_text(encoding="utf-8"))
    document = as_document(event_record("conflicts", "order.opened"))
    Draft202012Validator(schema).validate(document)
    del document["headers"]["bridge_first_source"]
    assert not Draft202012Validator(schema).is_valid(document)


def is_one(name: str, headers: dict[str, str], value: Any) -> bool:
    """Whether a record with these headers and this value is such a message."""
    message = ASYNCAPI_DOCUMENT["components"]["messages"][name]
    [trait] = message["traits"]
    of_headers, of_value = resolved(resolved(trait)["headers"]), inlined(message["payload"])
    said = ((of_headers, headers), (of_value, value))
    return all(Draft202012Validator(schema).is_valid(found) for schema, found in said)


def resolved(part: Any) -> Any:
    for step in part["$ref"].removeprefix("#/").split("/") if "$ref" in part else ():
        part = ASYNCAPI_DOCUMENT[step] if step == "components" else part[step]
    return part


def inlined(schema: Any) -> Any:
    """The schema, with the components that its references need."""
    return {"components": ASYNCAPI_DOCUMENT["components"], **schema}
