"""`bridge topics migrate` on a deployment with data: no old event passes again, no order is split, even if killed."""

import json
import signal
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Producer

from bridge.settings import Settings
from processors.orders.beginning import BEGAN
from tests.integration.commands.records import ByHand, Raw
from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deliveries import delivery
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.events import Event
from tests.integration.exactly_once.load import Load
from tests.integration.exactly_once.migrated import Topics
from tests.integration.exactly_once.migrating import (
    AT_ONCE,
    NEW,
    OLD,
    SIX,
    VERBOSE,
    balanced,
    checked,
    go_on_and_compare,
    migrate,
    processed,
)
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import RAW

POINTS = (
    "migration-announced:KILL:1",
    "migration-fenced:KILL:1",
    "migration-partitions:KILL:1",
    "migration-rebuilt:KILL:1",
    "migration-rows:KILL:1",
    "migration-rows:KILL:2",
    "migration-written:KILL:1",
)

OTHER_KEYS = {
    "order.created": ["items[].id"],
    "order.opened": ["items[].id"],
    "order.completed": ["items[].id"],
    "fulfillment_request.assigned": ["logical_timestamp", "id"],
    "fulfillment_request.items_completed": ["logical_timestamp", "id"],
    "invoice.created": ["order_id"],
    "payment_account.amount_authorized": ["transactions[].id", "id"],
    "inventory_transaction.items_received": ["chunk_number", "id"],
}


@pytest.fixture
def other_keys(tmp_path: Path) -> dict[str, str]:
    """Settings under which most events have other keys, while the deliveries of these tests are the same events."""
    table = yaml.safe_load((Path(__file__).parents[3] / "schemas" / "idempotency_keys.yaml").read_bytes())
    for name, key in OTHER_KEYS.items():
        table[name]["key"] = key
    path = tmp_path / "keys.yaml"
    path.write_text(yaml.safe_dump(table))
    return {"idempotency_keys": str(path)}


def test_other_key_rules(deployment: Deployment, other_keys: dict[str, str]) -> None:
    """Headers that the old rules made are not believed, and rows under the old keys are gone."""
    before = processed(deployment)
    migrate(deployment, **other_keys)
    go_on_and_compare(deployment, before, **other_keys)


def test_killed_at_every_step_it_comes_to_the_same_end(deployment: Deployment, other_keys: dict[str, str]) -> None:
    """Partitions and keys change at once. Between two runs no worker takes the deployment for its own. Killed right
    after its end, the migration is done."""
    before = processed(deployment)
    both = {**SIX, **other_keys}

    def killed_at(point: str) -> None:
        done = deployment.command("topics", "migrate", "--yes", **both, **AT_ONCE, test_fault=point).result()
        assert done.exit_code == -signal.SIGKILL, (point, done.stderr)

    for point in POINTS:
        killed_at(point)
        checked = deployment.command("topics", "check", **both).result()
        assert (checked.exit_code, "under way" in checked.stdout) == (1, True)
    waits(deployment.worker("old"), deployment.worker("new", **both))
    killed_at("migration-finished:KILL:1")
    again = deployment.command("topics", "migrate", "--yes", **both).result()
    assert (again.exit_code, "Nothing to do" in again.stderr) == (0, True)
    go_on_and_compare(deployment, before, **both)


def test_entries_of_quarantine_from_before_raw_was_made_anew_leave_nothing_out(deployment: Deployment) -> None:
    """The entries name places where other records lie by now, which a worker has processed. Orders once lacked those,
    and what came again passed."""
    processed(deployment)
    by_hand = ByHand(deployment.settings)
    for record in deployment.records(RAW)[:100]:
        by_hand.quarantined(Raw(b"{}", str(record.source)), "handler_failed")
    before = Topics.of(deployment)
    migrate(deployment, **SIX)
    deployment.worker("worker", **SIX)
    load = Load(Settings(**{**deployment.settings.model_dump(exclude_defaults=True), **SIX}), seed=1)
    load.send(OLD + NEW)
    deployment.wait_settled()
    deployment.wait_judged()
    checked(deployment, before, load.meanings, 6)


def test_it_finds_out_since_when_the_bridge_listens_where_no_worker_has(deployment: Deployment) -> None:
    """A worker that ends in a deployment's first seconds has not found that out."""
    before = processed(deployment)
    producer = Producer({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    for partition in range(deployment.settings.partitions):
        producer.produce(deployment.settings.topics.orders_changelog, None, BEGAN, partition)
    assert producer.flush(60) == 0
    migrate(deployment, **SIX)
    go_on_and_compare(deployment, before, **SIX)


def waits(*workers: Service) -> None:
    """Each worker is alive, and says that it waits for the migration."""
    for worker in workers:
        wait_until(
            "it says why",
            lambda worker=worker: worker.status("/livez") == 200 and b"under way" in worker.get(VERBOSE).body,  # type: ignore[misc]
        )
        assert worker.status("/readyz") == 503
    for worker in workers:
        worker.end()


def test_a_conflict_that_was_held_back_stays_so_when_raw_has_lost_the_first(deployment: Deployment) -> None:
    """The order's state is what it was, and nothing that comes again passes."""
    created = Event("lost/0", "order.created", 0, {"id": "lost", "grand_total": 1}, "orders", "lost", "lost")
    first, other = delivery(created), delivery(created, payload=1)
    deployment.load.send_all([first, other, other])
    worker = deployment.worker("worker")
    deployment.check()
    deployment.wait_judged()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    before = Topics.of(deployment)
    deployment.delete_before(before.raw[1])
    assert len(deployment.records(RAW)) == 2
    migrate(deployment, **SIX)
    after = Topics.of(deployment)
    [was], [now] = ([json.loads(state.value or b"") for state in each.live_states()] for each in (before, after))
    assert now == {**was, "revision": was["revision"] + 1}
    rules = Settings(**{**deployment.settings.model_dump(exclude_defaults=True), **SIX})
    deployment.worker("worker", **SIX).wait_ready()
    Load(rules, seed=1).send_all([first, other])
    deployment.wait_settled()
    assert Topics.of(deployment).places() == before.places()
    assert balanced(deployment, **SIX)["before_migration"] == 2


def test_blind_returns_stay_when_raw_has_lost_them(deployment: Deployment) -> None:
    """Raw gives the returns that it still has. Another migration then moves the rows again."""
    said = [{"id": f"r-{number}"} for number in range(4)]
    returns = [Event(f"blind/{each['id']}", "return.processed", 0, each, "orders", each["id"]) for each in said]
    worker = deployment.worker("worker")
    deployment.load.send_all(delivery(each) for each in returns)
    deployment.check()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    deployment.delete_before(deployment.records(RAW)[2])
    migrate(deployment, **SIX)
    migrate(deployment, partitions="7")
    worker = deployment.worker("worker", partitions="7")
    worker.wait_ready()
    found = json.loads(asked(worker, "/blind-returns").body)["blind_returns"]
    assert sorted(each["return_id"] for each in found) == [each["id"] for each in said]
    for each in said:
        assert asked(worker, f"/blind-returns?return_id={each['id']}").body.count(b'"return_id"') == 1


def test_twice_one_after_the_other(deployment: Deployment) -> None:
    """Every migration begins where the one before it ended. After two, names have lain in three partitions."""
    processed(deployment)
    migrate(deployment, **SIX)
    before = Topics.of(deployment)
    migrate(deployment, partitions="7")
    go_on_and_compare(deployment, before, partitions="7")
