"""Schemas as registries take them, and which subjects there are."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from commands.schema.register.forms import registered
from commands.schema.register.subjects import Strategy, subjects
from schemas.events import EVENT_NAMES
from schemas.topics import Topics
from tests.unit.commands.conftest import Run
from tests.unit.commands.schema.published import PUBLISHED

SCHEMAS: dict[str, Any] = {name.removesuffix(".json"): json.loads(text) for name, text in PUBLISHED.items()}
NAMES = ("order-state", "order-lines", *(f"events/{name}" for name in EVENT_NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_by_draft_7_and_takes_the_examples_that_the_published_one_takes(name: str) -> None:
    made = registered(SCHEMAS[name])
    Draft7Validator.check_schema(made)
    assert "$defs" not in json.dumps(made)
    for example in SCHEMAS[name]["examples"]:
        Draft202012Validator(SCHEMAS[name]).validate(example)
        Draft7Validator(made).validate(example)
        assert not Draft7Validator(made).is_valid([example])


def test_known_values_stand_in_the_description_where_others_may_come() -> None:
    state = registered(SCHEMAS["order-state"])["properties"]
    assert (state["return_status"].keys(), state["return_status"]["type"]) == ({"type", "description"}, "string")
    assert state["return_status"]["description"].endswith(" Known values: none, partial, full, unknown.")
    nullable = {"anyOf": [{"const": "a", "type": "string"}, {"type": "string"}, {"type": "null"}], "description": "x"}
    assert registered({"properties": {"a": nullable}})["properties"]["a"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "x Known values: a.",
    }
    closed = {"anyOf": [{"const": "a", "type": "string"}, {"type": "null"}]}
    assert registered({"properties": {"a": closed}})["properties"]["a"] == closed


@pytest.mark.parametrize(
    ("strategy", "some"),
    [
        (Strategy.TOPIC, {"n.orders.v1-value": "Envelope", "n.order-lines.v1-key": "OrderLineKey"}),
        (Strategy.RECORD, {"order.created": "order.created", "OrderState": "OrderState"}),
        (Strategy.TOPIC_RECORD, {"n.customers.v1-customer.created": "customer.created"}),
    ],
)
def test_subjects_are_called_as_the_strategy_says(strategy: Strategy, some: dict[str, str]) -> None:
    found = {name: schema["title"] for name, schema in subjects(SCHEMAS, Topics("n"), strategy)}
    assert found.items() >= some.items()
    assert [name for name in found if "quarantine" in name or "changelog" in name or "rules" in name] == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://registry", "no http"),
        ("nonsense", "no http"),
        ("http://ada:secret@registry", "BRIDGE_REGISTRY_PASSWORD"),
        pytest.param(
            "http://127.0.0.1:1", "No schema registry answers", marks=pytest.mark.thorough
        ),  # it is asked again
    ],
)
def test_a_registry_that_cannot_be_asked_is_one_sentence(bridge: Run, url: str, words: str) -> None:
    result = bridge("schema", "register", "--url", url)
    assert (result.exit_code, result.stdout, "secret" in result.stderr) == (2, "", False)
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
