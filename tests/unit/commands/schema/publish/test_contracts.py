"""The data contracts: one for each public topic, valid by the standard, and they say what the topics are."""

import json
from importlib.resources import files as resources
from typing import Any, Final

import jsonschema_rs
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from bridge.settings import Settings
from bridge.topics.spec import specs
from commands.schema.publish import files
from commands.schema.publish.topic_facts import FACTS
from schemas.topics import AGGREGATES
from schemas.version import SCHEMAS_VERSION

Json = dict[str, Any]

TEXTS: Final = files.read(files.COMMITTED / files.CONTRACTS, ".yaml")
CONTRACTS: Final[dict[str, Json]] = {
    name.removesuffix(".odcs.yaml"): yaml.safe_load(text) for name, text in TEXTS.items()
}
STANDARD: Final = json.loads(resources("open_data_contract_standard").joinpath("schema.json").read_text())
TOPICS: Final = {spec.name: spec for spec in specs(Settings.model_construct(tenant="", order_lines=True))}


def test_the_committed_contracts_are_not_stale() -> None:
    """Else: `bridge schema export`."""
    assert files.contracts() == TEXTS


def test_each_public_topic_has_one() -> None:
    assert CONTRACTS.keys() == {dataset for dataset, facts in FACTS.items() if not facts.internal}


@pytest.mark.parametrize("dataset", CONTRACTS)
def test_it_is_valid_by_the_standards_published_schema(dataset: str) -> None:
    validator = jsonschema_rs.Draft201909Validator(STANDARD, validate_formats=True)
    assert not [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(CONTRACTS[dataset])]
    OpenDataContractStandard.from_string(TEXTS[f"{dataset}.odcs.yaml"])


def test_the_schema_refuses_what_is_no_contract() -> None:
    """So its silence says something."""
    validator = jsonschema_rs.Draft201909Validator(STANDARD)
    assert not validator.is_valid(CONTRACTS["orders"] | {"retention": "30 d"})
    assert not validator.is_valid(CONTRACTS["orders"] | {"slaProperties": [{"property": "retention"}]})


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
