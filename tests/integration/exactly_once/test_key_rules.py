"""Services with different key tables run side by side, as in a roll-out. No verdict depends on who gives it."""

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from confluent_kafka import Producer

from schemas.keytable import KeyTable
from tests.integration.exactly_once.deliveries import TENANT, Delivery, delivery
from tests.integration.exactly_once.deployment import BEARER, Deployment, wait_for_lanes
from tests.integration.exactly_once.events import Event
from tests.integration.exactly_once.load import Load
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.checker.names import CONFLICTS, RAW

NEW = "loyalty.card_issued"
VERBOSE = "/readyz?verbose"
UNKNOWN = "unknown"
APPLY = ("topics", "apply", "--yes")
PATIENT = {"ingress_ack_timeout": "60s"}
"""For an ingress that takes every event, even while a busy machine keeps Kafka silent."""


@pytest.fixture
def with_rule(tmp_path: Path) -> dict[str, str]:
    """The shipped table, and a rule for one more name."""
    return _written(tmp_path, {NEW: {"key": ["id"], "content": False, "documented": False}})


@pytest.fixture
def with_names(tmp_path: Path) -> dict[str, str]:
    """The shipped table with one name more, and one less; both have the content key."""
    return _written(tmp_path, {NEW: {"key": [], "content": True, "documented": False}}, without="customer.updated")


def _written(directory: Path, more: dict[str, Any], without: str = "") -> dict[str, str]:
    table = yaml.safe_load((Path(__file__).parents[3] / "schemas" / "idempotency_keys.yaml").read_bytes())
    path = directory / "keys.yaml"
    path.write_text(yaml.safe_dump({name: rule for name, rule in (table | more).items() if name != without}))
    return {"idempotency_keys": str(path)}


def body(number: int, second: int) -> bytes:
    """The same card, published at another time: one event by the new rule, but one each time by the content key."""
    envelope = {"tenant": TENANT, "name": NEW, "published_at": f"2026-11-01T00:00:{second:02}Z"}
    return json.dumps(envelope | {"payload": {"id": f"card-{number}"}}).encode()


def post(ingress: Service, *bodies: bytes) -> None:
    for each in bodies:
        assert ingress.request("POST", "/webhooks/newstore", each, BEARER).status == 200


def passed(deployment: Deployment) -> Counter[bytes]:
    """How often each card is in its cleaned topic."""
    return Counter(key for record in deployment.records(UNKNOWN) if (key := record.key or b"").startswith(b"card-"))


def balances(deployment: Deployment, **settings: str) -> None:
    verified = deployment.command("verify", **settings).result()
    assert verified.exit_code == 0, verified.stdout + verified.stderr


def says(worker: Service, what: str) -> None:
    """Wait until the worker says so, and is alive."""
    wait_until(f"it says {what}", lambda: worker.status("/livez") == 200 and what.encode() in worker.get(VERBOSE).body)


def test_tables_that_list_other_names_go_side_by_side(deployment: Deployment, with_names: dict[str, str]) -> None:
    """Every lane believes the headers of either ingress, and gives the same verdicts."""
    workers = deployment.worker("old"), deployment.worker("new", **with_names)
    wait_for_lanes(*workers)
    ingresses = deployment.ingress("old ingress", **PATIENT), deployment.ingress("new ingress", **PATIENT, **with_names)
    for ingress in ingresses:
        ingress.wait_ready()
        post(ingress, body(0, 0), body(1, 1))
    deployment.load.send(400)
    deployment.wait_settled()
    assert passed(deployment) == {b"card-0": 1, b"card-1": 1}
    versions = {
        dict(record.headers)["bridge_rules"] for record in deployment.records(RAW) if record.key == NEW.encode()
    }
    assert len(versions) == 1
    for settings in ({}, with_names):
        balances(deployment, **settings)


def test_a_roll_out_of_a_rule_for_a_new_name(deployment: Deployment, with_rule: dict[str, str]) -> None:
    """A worker with the new table waits for `apply`. A worker with the old table goes on by the new rule. The
    ingresses, old and new, take events all the time."""
    old, old_ingress = deployment.worker("old"), deployment.ingress("old ingress", **PATIENT)
    new, new_ingress = deployment.worker("new", **with_rule), deployment.ingress("new ingress", **PATIENT, **with_rule)
    old_ingress.wait_ready()
    new_ingress.wait_ready()
    wait_for_lanes(old)
    says(new, f"for {NEW} are not in force yet: run `bridge topics apply`")

    announced = deployment.command(*APPLY, **with_rule, test_fault="adoption-announced:STOP:1")
    with deployment.load.flowing():
        announced.wait_frozen()
        says(old, f"for {NEW} are being adopted")
        wait_until("both are ready", lambda: old_ingress.status("/readyz") == new_ingress.status("/readyz") == 200)
        announced.go_on()
        applied = announced.result()
    assert applied.exit_code == 0, applied.stderr
    assert f"{NEW} has the key rule {{key: [id], content: false, documented: false}} from now on" in applied.stderr

    wait_for_lanes(old, new)
    second = iter(range(60))
    for ingress in (old_ingress, new_ingress, old_ingress):
        post(ingress, *(body(number, next(second)) for number in range(4)))
    deployment.wait_settled()
    expected = {b"card-%d" % number: 1 for number in range(4)}
    assert passed(deployment) == expected
    for settings in ({}, with_rule):
        balances(deployment, **settings)

    for worker in (new, old):  # the worker that is alone has the card's partition
        worker.signal(signal.SIGTERM)
        worker.wait()
        other = old if worker is new else deployment.worker("new", **with_rule)
        wait_for_lanes(other)
        post(old_ingress, *(body(number, next(second)) for number in range(4)))
        deployment.wait_settled()
        assert passed(deployment) == expected


def test_an_event_of_the_name_that_comes_meanwhile_ends_it(deployment: Deployment, with_rule: dict[str, str]) -> None:
    """The event gets its verdict by the rule that was in force, and workers go on."""
    worker, ingress = deployment.worker("worker"), deployment.ingress(**PATIENT)
    ingress.wait_ready()
    wait_for_lanes(worker)
    frozen = deployment.command(*APPLY, **with_rule, test_fault="adoption-announced:STOP:1")
    frozen.wait_frozen()
    post(ingress, body(0, 0), body(0, 1))
    frozen.go_on()
    refused = frozen.result()
    assert (refused.exit_code, f"{NEW} has the key rule {{key: [], content: true" in refused.stderr) == (2, True)
    wait_for_lanes(worker)
    deployment.wait_settled()
    assert passed(deployment) == {b"card-0": 2}
    balances(deployment)


@pytest.mark.parametrize("point", ["adoption-announced", "adoption-made-sure"])
def test_killed_it_is_ended_by_the_next_one(deployment: Deployment, with_rule: dict[str, str], point: str) -> None:
    worker = deployment.worker("worker")
    wait_for_lanes(worker)
    killed = deployment.command(*APPLY, **with_rule, test_fault=f"{point}:KILL:1").result()
    assert killed.exit_code == -signal.SIGKILL
    says(worker, "if no `bridge topics apply` runs, run it again")
    again = deployment.command(*APPLY, **with_rule).result()
    assert (again.exit_code, f"{NEW} has the key rule" in again.stderr) == (0, True), again.stderr
    wait_for_lanes(worker)


def test_a_rule_that_is_taken_out_again_needs_a_migration(deployment: Deployment, with_rule: dict[str, str]) -> None:
    assert deployment.command(*APPLY, **with_rule).result().exit_code == 0
    at_once = {"test_lease": "0.5", "ingress_ack_timeout": "500ms"}
    moved = deployment.command("topics", "migrate", "--yes", **at_once).result()
    assert moved.exit_code == 0, moved.stderr
    assert f"{NEW}: the key rule {{key: [id], content: false, documented: false}} becomes" in moved.stderr
    deployment.worker("old").wait_ready()
    says(deployment.worker("new", **with_rule), f"for {NEW} are not in force yet")


class EarlierLoad(Load):
    """Writes headers as an ingress of a revision with one version for a whole table."""

    def _headers(self, delivery: Delivery, received_at_ms: int) -> list[tuple[str, bytes]]:
        version = KeyTable.shipped_before().fingerprint.encode()
        headers = super()._headers(delivery, received_at_ms)
        return [(name, version if name == "bridge_rules" else value) for name, value in headers]


def test_a_deployment_of_an_earlier_revision(deployment: Deployment, with_names: dict[str, str]) -> None:
    """Its record, raw records and conflicts that were held back are understood, while the table lists other names."""
    fingerprint = KeyTable.shipped_before().fingerprint
    record: dict[str, Any] = {"rules": {"partitions": 4, "rules_version": fingerprint}, "epochs": [], "migrating": None}
    producer = Producer({"bootstrap.servers": deployment.settings.kafka_bootstrap_servers[0]})
    producer.produce(deployment.settings.topics.rules, json.dumps(record), b"rules", partition=0)
    assert producer.flush(PATIENCE) == 0
    deployment.load = EarlierLoad(deployment.settings, seed=1)
    created = Event("held/0", "order.created", 0, {"id": "held", "grand_total": 1}, "orders", "held", "held")
    deployment.load.send_all([delivery(created), delivery(created, payload=1)])
    deployment.load.send(400)
    worker = deployment.worker("worker", **with_names)
    deployment.check()
    assert {dict(record.headers)["bridge_rules"] for record in deployment.records(CONFLICTS)} >= {fingerprint.encode()}
    listed = deployment.command("conflicts", "list", "--event", "order.created", "-o", "json", **with_names).result()
    assert {record["state"] for record in json.loads(listed.stdout)["records"]} == {"open"}

    assert deployment.command(*APPLY, **with_names).result().exit_code == 0  # it records the rules by name
    accepted = deployment.command("conflicts", "accept", "--all", "--yes", **with_names).result()
    assert accepted.exit_code == 0, accepted.stderr
    deployment.wait_settled()
    wait_for_lanes(worker)
    assert "the processor has ended" not in worker.log.read_text()  # nothing was started anew
    balances(deployment, **with_names)
