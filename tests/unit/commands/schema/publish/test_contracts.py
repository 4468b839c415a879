"""The data contracts: one for each public topic, valid by the standard, and true of the topics."""

import json
from collections.abc import Callable, Iterator
from importlib.resources import files as resources
from operator import itemgetter
from typing import Any, Final

import jsonschema_rs
import orjson
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from bridge.settings import Settings
from bridge.topics.spec import specs
from commands.schema.publish import examples, files
from commands.schema.publish.reader_profile import pascal
from commands.schema.publish.topic_facts import FACTS
from schemas.events import EVENT_NAMES
from schemas.topics import AGGREGATES
from schemas.version import SCHEMAS_VERSION
from tests import records

Json = dict[str, Any]

TEXTS: Final = files.read(files.COMMITTED / files.CONTRACTS, ".yaml")
CONTRACTS: Final[dict[str, Json]] = {
    name.removesuffix(".odcs.yaml"): yaml.load(text, yaml.CSafeLoader) for name, text in TEXTS.items()
}
STANDARD: Final = json.loads(resources("open_data_contract_standard").joinpath("schema.json").read_text())
VALIDATOR: Final = jsonschema_rs.Draft201909Validator(STANDARD, validate_formats=True)
TOPICS: Final = {spec.name: spec for spec in specs(Settings.model_construct(tenant="", order_lines=True))}


@pytest.mark.thorough  # makes all models' schemas
def test_the_committed_contracts_are_not_stale() -> None:
    """If they are, run `bridge schema export`."""
    assert files.contracts() == TEXTS


def test_each_public_topic_has_one() -> None:
    assert CONTRACTS.keys() == {dataset for dataset, facts in FACTS.items() if not facts.internal}


@pytest.mark.thorough  # reads the standard's models
@pytest.mark.parametrize("dataset", CONTRACTS)
def test_it_is_valid_by_the_standards_published_schema(dataset: str) -> None:
    assert not [f"{error.instance_path}: {error.message}" for error in VALIDATOR.iter_errors(CONTRACTS[dataset])]
    OpenDataContractStandard.from_string(TEXTS[f"{dataset}.odcs.yaml"])


def test_the_schema_refuses_what_is_no_contract() -> None:
    """Otherwise its silence would mean nothing."""
    assert not VALIDATOR.is_valid(CONTRACTS["orders"] | {"retention": "30 d"})
    assert not VALIDATOR.is_valid(CONTRACTS["orders"] | {"slaProperties": [{"property": "retention"}]})


@pytest.mark.parametrize("dataset", CONTRACTS)
def test_it_says_what_the_topic_is(dataset: str) -> None:
    contract = CONTRACTS[dataset]
    spec = TOPICS[contract["name"]]
    levels = {level["property"]: level for level in contract["slaProperties"]}
    if "delete" in spec.config["cleanup.policy"]:
        assert levels["retention"]["value"] * 86_400_000 == int(spec.config["retention.ms"])
    assert contract["version"] == SCHEMAS_VERSION
    assert contract["team"]["name"]
    assert all(each["physicalName"] == spec.name for each in contract["schema"])


@pytest.mark.parametrize("dataset", CONTRACTS)
def test_its_quality_is_the_ledger(dataset: str) -> None:
    for value in CONTRACTS[dataset]["schema"]:
        assert {rule["implementation"] for rule in value["quality"]} == {"bridge verify -o json"}
        dimensions = {rule["dimension"] for rule in value["quality"]}
        assert dimensions >= ({"completeness", "uniqueness"} if dataset in AGGREGATES else {"completeness"})


def test_a_topic_of_events_has_the_fields_of_each_and_of_those_to_come() -> None:
    values = {value["name"]: value for value in CONTRACTS["gift-cards"]["schema"]}
    assert values.keys() == {"GiftCardDeactivated", "Envelope"}
    fields = {field["name"]: field for field in values["GiftCardDeactivated"]["properties"]}
    assert fields["tenant"]["required"] is True
    assert [field["name"] for field in fields["payload"]["properties"]] == ["id"]


def test_maps_lists_and_parts_are_told() -> None:
    fields = {field["name"]: field for field in CONTRACTS["order-state"]["schema"][0]["properties"]}
    assert fields["item_counts"]["map"]["value"] == {"logicalType": "integer"}
    assert fields["items"]["map"]["value"]["logicalType"] == "object"
    assert fields["missing"]["items"] == {"logicalType": "string"}
    assert fields["first_received_at"]["logicalTypeOptions"]["pattern"].startswith("^")


KEYS: Final = {"order-state": ["order_id"], "order-lines": ["order_id", "line_id"]}
"""Topics whose records are known by fields. An event is known by `ce_id`, a header."""


def fields_of(value: Json) -> dict[str, Json]:
    return {field["name"]: field for field in value["properties"]}


@pytest.mark.parametrize("dataset", CONTRACTS)
def test_a_primary_key_is_what_records_replace_one_another_by(dataset: str) -> None:
    for value in CONTRACTS[dataset]["schema"]:
        keys = [field for field in value["properties"] if field.get("primaryKey")]
        assert [field["name"] for field in sorted(keys, key=itemgetter("primaryKeyPosition"))] == KEYS.get(dataset, [])
        assert [field["primaryKeyPosition"] for field in keys] == [*range(1, len(keys) + 1)]
        assert all(field["required"] for field in keys)


@pytest.mark.thorough  # simulates
def test_a_line_has_nulls_but_where_the_contract_says_required_which_is_no_null_to_the_standard() -> None:
    fields = fields_of(CONTRACTS["order-lines"]["schema"][0])
    found = [orjson.loads(line) for line in records.lines()]
    required = {name for name, field in fields.items() if field.get("required")}
    assert {"order_status", "provisional", "shipped_quantity"} <= required
    null = {name for line in found for name, value in line.items() if value is None}
    assert null >= {"associate_id", "shipped_at", "swap"}
    assert not required & null


def test_an_events_envelope_is_always_there() -> None:
    fields = fields_of(CONTRACTS["unknown"]["schema"][0])
    assert {name for name, field in fields.items() if field.get("required")} == {"tenant", "name", "payload"}


@pytest.mark.thorough
@pytest.mark.parametrize(("dataset", "values"), [("order-lines", records.lines), ("order-state", records.states)])
def test_every_order_of_a_simulation_keeps_the_contract(dataset: str, values: Callable[[], tuple[bytes, ...]]) -> None:
    [value] = CONTRACTS[dataset]["schema"]
    found = values()
    assert len(found) > 250
    assert {problem for each in found for problem in problems(orjson.loads(each), value, dataset)} == set()


@pytest.mark.thorough
def test_every_event_of_a_simulation_keeps_the_contract() -> None:
    values = {value["name"]: value for contract in CONTRACTS.values() for value in contract["schema"]}
    found = [orjson.loads(body) for body in records.events()]
    assert {event["name"] for event in found} == set(EVENT_NAMES)
    assert {
        problem for each in found for problem in problems(each, values[pascal(each["name"])], each["name"])
    } == set()


def test_what_breaks_a_contract_is_found() -> None:
    """Otherwise silence would mean nothing."""
    [value] = CONTRACTS["order-state"]["schema"]
    state = examples.order_state().value
    assert not list(problems(state, value, "state"))
    [item] = state["items"].values()
    broken = state | {"version": None, "revision": "7", "items": {"i": item | {"status": None}}}
    found = set(problems(broken, value, "state"))
    assert found == {"state.items.status is null", "state.version is null", "state.revision is no integer"}


KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "map": dict,
    "number": (int, float),
    "object": dict,
    "string": str,
}


def problems(value: Any, said: Json, path: str) -> Iterator[str]:
    """Where a value, or anything in it, is not what the contract says."""
    if value is None:
        if said.get("required"):
            yield f"{path} is null"
    elif not _is(said["logicalType"], value):
        yield f"{path} is no {said['logicalType']}"
    elif said["logicalType"] == "array":
        for member in value:
            yield from problems(member, said["items"], path)
    elif said["logicalType"] == "map":
        for member in value.values():
            yield from problems(member, said["map"]["value"], path)
    else:
        for field in said.get("properties", ()):
            yield from problems(value.get(field["name"]), field, f"{path}.{field['name']}")


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, KINDS[kind])
