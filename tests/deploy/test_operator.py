"""A pod for a person's commands: beside everything else that production has, with rights of its own."""

import copy

from yarl import URL

from deploy.check.check import problems_of
from deploy.check.objects import Objects
from deploy.check.settings import environment_of, settings_of
from tests.deploy.manifests import base_with, named, pod


def with_operator() -> Objects:
    """The components that production has, and this one."""
    return base_with("kafka-strimzi", "kafka-scram", "kafka-ca", "network-policy", "monitoring", "operator")


def test_it_goes_with_what_production_has() -> None:
    """No policy, monitor or budget takes it for a service, and the services' policies let it reach Kafka."""
    objects = with_operator()
    assert problems_of(objects) == []
    operator = pod(objects, "bridge-operator")
    for policy in ("bridge-to-kafka", "bridge-to-dns"):
        assert operator in objects.selected(named(objects, "NetworkPolicy", policy)["spec"]["podSelector"])


def test_each_container_logs_in_as_one_user_and_sees_its_password_only() -> None:
    """A command that only reads cannot publish by mistake, nor erase, which a worker's key would allow."""
    objects = with_operator()
    operator = pod(objects, "bridge-operator")
    secrets = {volume["name"]: volume["secret"]["secretName"] for volume in operator.spec["volumes"][1:]}
    for container in operator.containers:
        user = f"newstore-{container['name']}"
        assert environment_of(objects, container)["BRIDGE_KAFKA_SASL_USERNAME"] == user
        seen = {secrets[mount["name"]] for mount in container["volumeMounts"] if mount["name"] in secrets}
        assert seen == {user, "bridge-kafka-ca"} | ({"bridge"} if user == "newstore-publisher" else set())
    assert {container["name"] for container in operator.containers} == {"reader", "publisher"}


def test_commands_ask_the_pods_themselves() -> None:
    """They use headless Services: no other Service has a port for operations."""
    objects = with_operator()
    for container in pod(objects, "bridge-operator").containers:
        settings = settings_of(environment_of(objects, container))
        for url, own in (
            (settings.ingress_url, settings.ingress_port),
            (settings.worker_url, settings.worker_web_port),
        ):
            assert URL(url).port == own
            assert named(objects, "Service", str(URL(url).host))["spec"]["clusterIP"] == "None"


def test_rights_that_a_command_does_not_need_are_found() -> None:
    """And those that it lacks."""
    objects = with_operator()
    changed = [copy.deepcopy(each) for each in objects.all]
    reader = named(Objects(changed), "KafkaUser", "newstore-reader")
    reader["spec"]["authorization"]["acls"][0]["operations"] = ["Write", "DescribeConfigs"]
    assert problems_of(Objects(changed)) == [
        "KafkaUser newstore-reader: it may not Read topic newstore.raw.v1 literal",
        "KafkaUser newstore-reader: it may Write topic newstore.raw.v1 literal, which it does not need",
    ]
