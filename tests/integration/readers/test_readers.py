"""Every client reads every public topic as it is installed, and every SDK knows each record for what it is."""

from collections.abc import Mapping, Sequence

import pytest

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.readers.readers import bare_aiokafka, java_client, kafkajs
from tests.integration.readers.summaries import Summary, summary
from tests.programs.checker.names import CLEANED, CONFLICTS, DATASETS, ORDER_STATE, QUARANTINE, RAW
from tests.programs.checker.record import Record

_LINES = "order-lines"
_PUBLIC = (*DATASETS, _LINES)


@pytest.fixture(scope="module")
def expected(deployment: Deployment) -> Mapping[str, Summary]:
    """By topic: what confluent-kafka and the SDK for Python find, each record an event."""
    return {deployment.names.topic(dataset): summary(deployment.records(dataset)) for dataset in _PUBLIC}


@pytest.fixture(scope="module")
def servers(deployment: Deployment) -> str:
    return ",".join(deployment.settings.kafka_bootstrap_servers)


def test_the_topics_have_what_they_are_there_for(deployment: Deployment, expected: Mapping[str, Summary]) -> None:
    found = {dataset: expected[deployment.names.topic(dataset)] for dataset in _PUBLIC}
    assert sum(found[dataset]["records"] for dataset in CLEANED) >= 2_000
    own = {
        CONFLICTS: {"bridge.event.conflicted"},
        QUARANTINE: {"bridge.body.quarantined"},
        ORDER_STATE: {"bridge.order_state.changed"},
        _LINES: {"bridge.order_line.changed"},
    }
    for dataset, each in found.items():
        events = each["records"] - each["deletions"]
        assert events > 0
        assert {each["attributes"][name] for name in ("id", "source", "type", "specversion")} == {events}
        assert all(name.startswith("bridge.") == (dataset in own) for name in each["types"])
        assert each["types"].keys() == own.get(dataset, each["types"].keys())
    for dataset in (*CLEANED, CONFLICTS, ORDER_STATE, _LINES):
        attributes = found[dataset]["attributes"]
        assert attributes["dataschema"] == attributes["subject"] == attributes["id"]
    for dataset in (*CLEANED, CONFLICTS):
        assert found[dataset]["attributes"]["bridgesource"] == found[dataset]["records"]
    assert "subject" not in found[RAW]["attributes"]
    assert found[CONFLICTS]["attributes"]["bridgeevent"] == found[CONFLICTS]["records"]
    assert found[QUARANTINE]["attributes"]["dataschema"] == 1  # the stub
    assert sum(found[dataset]["attributes"].get("bridgeconflict", 0) for dataset in CLEANED) > 0
    assert found[ORDER_STATE]["deletions"] == 1


def test_kafkajs_without_plug_ins_and_the_sdk_for_javascript(
    deployment: Deployment, servers: str, expected: Mapping[str, Summary]
) -> None:
    wanted = {topic: each["records"] for topic, each in expected.items()}
    assert kafkajs(servers, f"{deployment.names.group}.kafkajs", wanted) == expected


def test_the_java_client_and_the_sdk_for_java(
    servers: str, expected: Mapping[str, Summary], codecs: Mapping[str, Sequence[Record]]
) -> None:
    """By whichever codec."""
    of_codecs = {topic: summary(records) for topic, records in codecs.items()}
    assert all(each["records"] for each in of_codecs.values())
    assert java_client(servers, [*expected, *codecs]) == {**expected, **of_codecs}


def test_aiokafka_without_extras(servers: str, expected: Mapping[str, Summary]) -> None:
    found = bare_aiokafka(servers, list(expected))
    assert found == {topic: {"records": each["records"], "bytes": each["bytes"]} for topic, each in expected.items()}
