"""A rolling update of the manifests' workloads, rehearsed with plain processes and a real Kafka."""

from contextlib import closing
from pathlib import Path

from deploy.local.kafka import LocalKafka
from tests.deploy.manifests import DEV, overlay, pod
from tests.deploy.rollout import Balancer, Node, Running
from tests.integration.exactly_once.deliveries import TENANT, deliveries
from tests.integration.exactly_once.forking import ForkServer

INGRESS, WORKER = "bridge-ingress", "bridge-worker"


def test_a_changed_setting_rolls_out_without_a_refused_delivery(
    kafka: LocalKafka, prefix: str, tmp_path: Path, fork_server: ForkServer
) -> None:
    """By the manifests' own strategies, settings, probes and grace periods: every delivery is answered 200 at its first
    try, each process ends in time and in order, and the ledger balances."""
    objects = overlay(DEV)
    address = {
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "BRIDGE_TOPIC_PREFIX": prefix,
        "BRIDGE_TENANT": TENANT,
        "BRIDGE_PARTITIONS": "2",
        "BRIDGE_INGRESS_ACK_TIMEOUT": "60s",  # a busy machine's Kafka may be silent for as long as the default
    }
    balancer = Balancer(each.body for each in deliveries(seed=1) if each.meaning)
    with closing(Node(objects, address, tmp_path, fork_server.start)) as node:
        workers = {f"{WORKER}-{number}": node.start(WORKER, f"{WORKER}-{number}") for number in range(2)}
        ingresses = [node.start(INGRESS, f"{INGRESS}-{number}") for number in range(2)]
        for each in (*workers.values(), *ingresses):
            each.wait_ready()
        balancer.ports += [each.port for each in ingresses]
        with balancer.flowing():
            node.changed |= {"BRIDGE_CLEANED_RETENTION": "20d", "BRIDGE_CHUNK_RECORDS": "100"}
            _roll_workers(node, workers)
            _roll_ingresses(node, ingresses, balancer)
        assert balancer.answers.keys() == {200}, balancer.answers
        done = node.run(["verify", "--wait", "2min"], pod(objects, WORKER))
        assert done.exit_code == 0, done
        checked = node.run(["topics", "check"], pod(objects, WORKER))
        assert checked.exit_code == 0, "the new settings are in force, the topics' included"


def _roll_workers(node: Node, workers: dict[str, Running]) -> None:
    """As a StatefulSet: the last pod first. Each is gone before its successor comes, which is ready before the next one
    goes."""
    for name in sorted(workers, reverse=True):
        assert workers[name].end(node.grace_s(WORKER)) == 0
        workers[name] = node.start(WORKER, name)
        workers[name].wait_ready()


def _roll_ingresses(node: Node, ingresses: list[Running], balancer: Balancer) -> None:
    """As a Deployment with one pod more than wanted and none missing: a new one takes part before an old one leaves."""
    for number, old in enumerate(ingresses):
        new = node.start(INGRESS, f"{INGRESS}-new-{number}")
        new.wait_ready()
        balancer.ports.append(new.port)
        balancer.remove(old.port)
        assert old.end(node.grace_s(INGRESS)) == 0
        balancer.wait_for_more()
