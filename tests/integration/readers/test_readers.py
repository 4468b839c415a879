"""Every client reads every public topic as it is installed, and every SDK knows each record for what it is."""

from collections.abc import Mapping, Sequence

import pytest

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.readers.conftest import INTERRUPTED
from tests.integration.readers.plenty import PLENTY
from tests.integration.readers.readers import (
    Reader,
    bare_aiokafka,
    bare_kafka_python,
    franz_go,
    java_client,
    kafkajs,
    platformatic,
    sarama,
)
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
def with_interrupted(
    deployment: Deployment, expected: Mapping[str, Summary], interrupted: Sequence[Record]
) -> Mapping[str, Summary]:
    """The same, and the topic with aborted attempts: a correct reader finds none of them."""
    return {**expected, deployment.names.topic(INTERRUPTED): summary(interrupted)}


@pytest.fixture(scope="module")
def servers(deployment: Deployment) -> str:
    return ",".join(deployment.settings.kafka_bootstrap_servers)


def test_the_topics_have_what_they_are_there_for(deployment: Deployment, expected: Mapping[str, Summary]) -> None:
    found = {dataset: expected[deployment.names.topic(dataset)] for dataset in _PUBLIC}
    own = {
        CONFLICTS: {"bridge.event.conflicted"},
        QUARANTINE: {"bridge.body.quarantined"},
        ORDER_STATE: {"bridge.order_state.changed"},
        _LINES: {"bridge.order_line.changed"},
    }
    for dataset, each in found.items():
        events = each["records"] - each["deletions"]
        assert events >= PLENTY
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


def test_the_topics_have_as_many_records_as_were_sent(
    deployment: Deployment, simulated: Mapping[str, int], expected: Mapping[str, Summary]
) -> None:
    """By the simulator's account, with one event and one stub more. So no two clients agree on too few. Lines and
    states are as many as the worker has made."""
    found = {dataset: expected[deployment.names.topic(dataset)] for dataset in _PUBLIC}
    unknown = stub = 1
    passed_on = sum(found[dataset]["attributes"].get("bridgeconflict", 0) for dataset in CLEANED)
    delivered = simulated["unique"] + simulated["duplicate"] + simulated["conflict"]
    assert found[RAW]["records"] == delivered + unknown
    assert sum(found[dataset]["records"] for dataset in CLEANED) == simulated["unique"] + unknown + passed_on
    assert found[CONFLICTS]["records"] == simulated["conflict"]
    assert found[QUARANTINE]["records"] == simulated["quarantined"] + stub


def test_confluent_kafka_does_not_see_what_was_aborted(deployment: Deployment, interrupted: Sequence[Record]) -> None:
    assert summary(deployment.records(INTERRUPTED)) == summary(interrupted)


def test_kafkajs_without_plug_ins_and_the_sdk_for_javascript(
    deployment: Deployment, servers: str, with_interrupted: Mapping[str, Summary]
) -> None:
    found = kafkajs(servers, f"{deployment.names.group}.kafkajs", _records(with_interrupted))
    assert found == with_interrupted


def test_the_java_client_and_the_sdk_for_java(
    servers: str, with_interrupted: Mapping[str, Summary], codecs: Mapping[str, Sequence[Record]]
) -> None:
    """Whichever codec records have."""
    of_codecs = {topic: summary(records) for topic, records in codecs.items()}
    assert all(each["records"] for each in of_codecs.values())
    assert java_client(servers, [*with_interrupted, *codecs]) == {**with_interrupted, **of_codecs}


@pytest.mark.parametrize("read", [bare_aiokafka, bare_kafka_python, franz_go, sarama])
def test_other_clients_as_they_are_installed(
    deployment: Deployment, servers: str, with_interrupted: Mapping[str, Summary], read: Reader
) -> None:
    found = read(servers, f"{deployment.names.group}.{read.__name__}", _records(with_interrupted))
    assert found == _sizes(with_interrupted)


def test_platformatic_reads_all_topics_and_shows_what_was_aborted(
    deployment: Deployment, servers: str, with_interrupted: Mapping[str, Summary]
) -> None:
    """Of a producer's aborted transactions in one answer it leaves out only the last. Once it leaves out all,
    docs/clients.md need not warn of it."""
    found = platformatic(servers, f"{deployment.names.group}.platformatic", _records(with_interrupted))
    shown = found.pop(topic := deployment.names.topic(INTERRUPTED))
    wanted = _sizes(with_interrupted)
    assert shown != wanted.pop(topic)
    assert found == wanted


def _records(summaries: Mapping[str, Summary]) -> dict[str, int]:
    return {topic: each["records"] for topic, each in summaries.items()}


def _sizes(summaries: Mapping[str, Summary]) -> dict[str, dict[str, int]]:
    return {topic: {"records": each["records"], "bytes": each["bytes"]} for topic, each in summaries.items()}
