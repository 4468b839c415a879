"""The committed schemas and pages are what would be made now, and hold for the events we know."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, create_model

from commands.schema.publish import files
from commands.schema.publish.comparison import breaking, differences
from commands.schema.publish.json_schema import DIALECT
from commands.schema.publish.schema_difference import Difference, Effect, schema_differences
from schemas.models import EVENT_MODELS, Part, Payload
from tests.unit.commands.schema.published import PUBLISHED

pytestmark = pytest.mark.thorough

Json = dict[str, Any]

COMMITTED = files.read(files.COMMITTED, ".json")
SCHEMAS: dict[str, Json] = {
    name: orjson.loads(text)
    for name, text in COMMITTED.items()
    if name != files.ASYNCAPI and not name.startswith("reader/")
}
READERS: dict[str, Json] = {
    name: orjson.loads(text)
    for name, text in COMMITTED.items()
    if name.startswith("reader/") and not name.endswith((files.ASYNCAPI, "types.json"))
}


def test_the_committed_schemas_break_nobody_and_are_not_stale() -> None:
    """If not, `bridge schema check` says what changed, and `bridge schema export` writes it."""
    assert differences(COMMITTED, PUBLISHED) == []


def test_the_committed_pages_are_not_stale() -> None:
    """If they are, run `bridge schema export`."""
    folder = files.committed_pages()
    assert folder is not None
    assert files.read(folder, ".md") == files.pages()


def test_there_is_a_schema_for_each_event_and_each_other_value() -> None:
    others = {
        "conflicts.json",
        "envelope.json",
        "order-lines.json",
        "order-state.json",
        "oversize-stub.json",
        "quarantine.json",
    }
    events = {f"events/{name}.json" for name in EVENT_MODELS}
    assert SCHEMAS.keys() == events | others
    records = {"conflicts.json", "quarantine.json"}  # their values are events and bytes
    assert READERS.keys() == {f"reader/{name}" for name in events | others - records}


def test_the_environment_does_not_change_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_PARTITIONS", "3")
    monkeypatch.setenv("BRIDGE_TOPIC_PREFIX", "other")
    assert PUBLISHED == COMMITTED


@pytest.mark.parametrize("name", [*SCHEMAS, *READERS])
def test_each_is_json_schema_2020_12_with_an_example_that_it_accepts(name: str) -> None:
    schema = (SCHEMAS | READERS)[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    assert schema["$id"].startswith("urn:")
    assert schema["title"]
    assert schema["description"]
    assert schema["examples"]
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)


def test_each_has_an_id_of_its_own() -> None:
    both = [*SCHEMAS.values(), *READERS.values()]
    assert len({schema["$id"] for schema in both}) == len(both)


@pytest.mark.parametrize("name", EVENT_MODELS)
def test_a_schema_refuses_what_its_event_is_not(name: str) -> None:
    """Otherwise validity would mean nothing."""
    validator = Draft202012Validator(SCHEMAS[f"events/{name}.json"])
    example = SCHEMAS[f"events/{name}.json"]["examples"][0]
    assert not validator.is_valid(example | {"name": "order.archived"})
    assert not validator.is_valid(example | {"payload": None})


def subschemas(schema: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Json]]:
    """Every part of a schema with `properties`, by its place."""
    for key, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if isinstance(value, dict | list) and key != "examples":
            yield from subschemas(value, (*path, key))
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield path, schema


def at(part: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        part = part[step]
    return part


def test_each_associate_id_is_said_to_be_unknown_at_times() -> None:
    """NewStore sends `unknown` for an id: a report by associate would have somebody of that name."""
    told = {
        (name, part["description"])
        for name, schema in SCHEMAS.items()
        for _, within in subschemas(schema)
        for field, part in within.get("properties", {}).items()
        if field == "associate_id"
    }
    assert {name for name, _ in told} >= {"order-state.json", "order-lines.json", "events/order.created.json"}
    assert {(name, description) for name, description in told if "`unknown`" not in description} == set()


@pytest.mark.parametrize("name", SCHEMAS)
def test_unknown_fields_are_allowed_everywhere(name: str) -> None:
    assert all(part.get("additionalProperties", True) is not False for _, part in subschemas(SCHEMAS[name]))


@pytest.mark.parametrize("name", SCHEMAS)
def test_removing_any_field_of_any_schema_is_breaking(name: str) -> None:
    places = [(path, field) for path, part in subschemas(SCHEMAS[name]) for field in part["properties"]]
    assert places
    changed = deepcopy(SCHEMAS[name])
    for path, field in places:
        removed = at(changed, path)["properties"].pop(field)
        found = breaking(schema_differences(name, SCHEMAS[name], changed))
        assert {each.what for each in found if each.pointer.endswith(f"/properties/{field}")} == {"removed or renamed"}
        at(changed, path)["properties"][field] = removed


def without(model: type[BaseModel], field: str) -> type[BaseModel]:
    """An event's model whose payload lacks a field."""
    payload: Any = model.model_fields["payload"].annotation
    kept: Any = {name: (info.annotation, info) for name, info in payload.model_fields.items() if name != field}
    smaller = create_model(payload.__name__, __base__=Payload, __doc__=payload.__doc__, **kept)
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, payload=(smaller, ...))


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ("order.opened", "grand_total"),
        ("order.opened", "items"),
        ("payment_account.amount_captured", "transactions"),
        ("inventory_count.items_counted", "chunk_number"),
    ],
)
def test_removing_a_field_from_a_model_is_breaking(event: str, field: str) -> None:
    changed = files.published({event: without(EVENT_MODELS[event], field)})
    file = f"events/{event}.json"
    found = breaking(differences({file: COMMITTED[file]}, changed))
    assert found == [Difference(Effect.BREAKING, file, f"/properties/payload/properties/{field}", "removed or renamed")]


class Customer(Part):
    """Whom a refund is for."""

    customer_id: str


def test_a_type_that_gets_another_name_is_breaking_for_readers() -> None:
    """Readers generate code with the name. Here an order state's `Customer` makes way for an event's."""
    event = "refund_request.issued"
    payload: Any = EVENT_MODELS[event].model_fields["payload"].annotation
    bigger = create_model(payload.__name__, __base__=payload, __doc__=payload.__doc__, customer=(Customer, ...))
    changed = create_model("Changed", __base__=EVENT_MODELS[event], __doc__="A refund.", payload=(bigger, ...))
    file, made = "order-state.json", files.for_generators({**EVENT_MODELS, event: changed})
    found = breaking(differences({file: COMMITTED[f"reader/{file}"]}, {file: made[file]}))
    assert found == [Difference(Effect.BREAKING, file, "/properties/order/properties/customer/title", "changed")]


def test_a_title_that_nothing_is_generated_from_only_explains() -> None:
    file = "events/order.opened.json"
    changed = COMMITTED[file].replace('"title": "order.opened"', '"title": "other"')
    assert {each.effect for each in differences({file: COMMITTED[file]}, {file: changed})} == {Effect.DOCS_ONLY}


def test_removing_a_model_is_breaking() -> None:
    changed = {name: text for name, text in COMMITTED.items() if name != "events/order.opened.json"}
    assert breaking(differences(COMMITTED, changed)) == [
        Difference(Effect.BREAKING, "events/order.opened.json", "", "removed")
    ]
