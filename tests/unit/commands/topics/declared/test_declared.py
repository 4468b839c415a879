"""Topics and users in the words of other tools: each topic with all its settings, each ACL, and nothing else."""

import json
import re
import shlex
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bridge.kafka.acls import Operation, Part, acls
from bridge.settings import Settings
from bridge.topics import specs
from commands.app import app
from commands.terminal.permissions import pascal
from commands.topics.declared.declared import declared, kubernetes_name
from commands.topics.declared.kafka_cli import kafka_cli
from commands.topics.declared.strimzi import strimzi_objects
from commands.topics.declared.terraform import terraform_document

SETTINGS = Settings(tenant="acme", replication_factor=3)
Given = set[tuple[str, str, str, str, str]]
"""User, kind of resource, name, kind of pattern and operation, in lower case, without marks between words."""


def plain(text: str) -> str:
    return text.replace("_", "").replace("-", "").lower()


def wanted(*parts: Part) -> Given:
    return {
        (f"newstore-{part}", plain(acl.resource), acl.name, plain(acl.pattern), plain(operation))
        for part in parts
        for acl in acls(SETTINGS)[part]
        for operation in acl.operations
    }


def test_strimzi_has_every_topic_and_every_acl() -> None:
    objects = list(strimzi_objects(declared(SETTINGS, list(Part)), "production"))
    topics = {each["metadata"]["name"]: each["spec"] for each in objects if each["kind"] == "KafkaTopic"}
    assert topics == {
        spec.name: {"partitions": spec.partitions, "replicas": 3, "config": dict(spec.config)}
        for spec in specs(SETTINGS)
    }
    users = [each for each in objects if each["kind"] == "KafkaUser"]
    found: Given = {
        (
            user["metadata"]["name"],
            plain(acl["resource"]["type"]),
            acl["resource"]["name"],
            plain(acl["resource"]["patternType"]).replace("prefix", "prefixed"),
            plain(operation),
        )
        for user in users
        for acl in user["spec"]["authorization"]["acls"]
        for operation in acl["operations"]
    }
    assert found == wanted(*Part)
    assert {each["metadata"]["labels"]["strimzi.io/cluster"] for each in objects} == {"production"}
    assert {user["spec"]["authentication"]["type"] for user in users} == {"scram-sha-512"}


def test_strimzis_users_have_certificates_where_the_bridge_comes_by_tls_alone() -> None:
    by_tls = Settings(tenant="acme", kafka_security_protocol="SSL")
    objects = strimzi_objects(declared(by_tls, [Part.INGRESS]), "kafka")
    assert [each["spec"]["authentication"] for each in objects if each["kind"] == "KafkaUser"] == [{"type": "tls"}]


def test_a_name_that_kubernetes_does_not_take_is_kept_beside_one_that_it_takes() -> None:
    odd = Settings(tenant="acme", topic_prefix="New_Store")
    first = next(strimzi_objects(declared(odd, []), "kafka"))
    assert (first["metadata"]["name"], first["spec"]["topicName"]) == ("new-store.raw.v1", "New_Store.raw.v1")


@given(st.from_regex(r"[A-Za-z0-9._-]{1,40}", fullmatch=True))
def test_every_prefix_gives_names_that_kubernetes_takes(prefix: str) -> None:
    label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    assert re.fullmatch(rf"{label}(\.{label})*", kubernetes_name(f"{prefix}.raw.v1"))


def test_terraform_has_every_topic_and_every_acl() -> None:
    document = terraform_document(declared(SETTINGS, list(Part)), "User:CN={}")
    topics = document["locals"]["bridge_topics"]
    assert topics == {
        spec.name: {"partitions": spec.partitions, "replication_factor": 3, "config": dict(spec.config)}
        for spec in specs(SETTINGS)
    }
    found: Given = {
        (
            each["principal"].removeprefix("User:CN="),
            *(plain(each[key]) for key in ("type",)),
            each["name"],
            plain(each["pattern"]),
            plain(each["operation"]),
        )
        for each in document["locals"]["bridge_acls"].values()
    }
    assert found == wanted(*Part)
    used = json.dumps(document["resource"])
    for key in {key for each in document["locals"]["bridge_acls"].values() for key in each}:
        assert f"${{each.value.{key}}}" in used


def commands(script: str) -> list[list[str]]:
    return [shlex.split(line) for line in script.splitlines() if line.startswith("kafka-")]


def options(command: list[str], name: str) -> list[str]:
    return [value for option, value in pairwise(command) if option == name]


def test_kafkas_own_tools_make_every_topic_set_it_and_give_every_acl() -> None:
    found = commands(kafka_cli(declared(SETTINGS, list(Part))))
    made = {options(each, "--topic")[0]: each for each in found if each[0] == "kafka-topics.sh"}
    entries = {options(each, "--entity-name")[0]: each for each in found if each[0] == "kafka-configs.sh"}
    for spec in specs(SETTINGS):
        config = [f"{name}={value}" for name, value in spec.config.items()]
        assert options(made[spec.name], "--config") == config
        assert options(made[spec.name], "--partitions") == [str(spec.partitions)]
        assert options(entries[spec.name], "--add-config")[0].replace("[", "").replace("]", "") == ",".join(config)
    assert len(made) == len(entries) == len(specs(SETTINGS))
    kinds = {"--topic": "topic", "--group": "group", "--transactional-id": "transactionalid"}
    given_acls: Given = {
        (
            options(each, "--allow-principal")[0].removeprefix("User:"),
            kind,
            name,
            options(each, "--resource-pattern-type")[0],
            plain(operation),
        )
        for each in found
        if each[0] == "kafka-acls.sh"
        for option, kind in kinds.items()
        for name in options(each, option)
        for operation in options(each, "--operation")
    }
    assert given_acls == wanted(*Part)


def test_a_principal_stays_one_word() -> None:
    [first, *_] = [
        each
        for each in commands(kafka_cli(declared(SETTINGS, [Part.INGRESS]), "User:CN={},O=$(id)"))
        if each[0] == "kafka-acls.sh"
    ]
    assert options(first, "--allow-principal") == ["User:CN=newstore-ingress,O=$(id)"]


def test_where_others_own_topics_nobody_needs_to_make_any() -> None:
    others = Settings(tenant="acme", topics_managed_by="others")
    assert "--operation Create" not in kafka_cli(declared(others, list(Part)))


@pytest.mark.parametrize(
    ("operation", "written"), [(Operation.READ, "Read"), (Operation.DESCRIBE_CONFIGS, "DescribeConfigs")]
)
def test_operations_are_written_as_the_tools_write_them(operation: Operation, written: str) -> None:
    assert pascal(operation) == written


@pytest.mark.parametrize(
    ("output", "read"),
    [("strimzi", lambda text: list(yaml.safe_load_all(text))), ("terraform", json.loads), ("kafka-cli", commands)],
)
def test_the_command_asks_no_kafka_and_leaves_migration_out_unless_it_is_asked_for(output: str, read: Any) -> None:
    environment = {"BRIDGE_TENANT": "acme", "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    result = CliRunner().invoke(app, ["topics", "plan", "-o", output], env=environment)
    assert result.exit_code == 0, result.output
    assert read(result.stdout)
    assert "newstore-worker" in result.stdout
    assert "newstore-migration" not in result.stdout
    only = CliRunner().invoke(app, ["topics", "plan", "-o", output, "--part", "migration"], env=environment)
    assert "newstore-migration" in only.stdout
    assert "newstore-worker" not in only.stdout
