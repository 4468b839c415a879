"""`bridge topics migrate` on a deployment with data: no old event passes again, no order is split, whatever happens."""

import json
import signal
from pathlib import Path

import pytest
import yaml

from bridge.settings import Settings
from tests.integration.alarms import Alarms
from tests.integration.exactly_once.deliveries import TENANT, delivery
from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.exactly_once.events import Event
from tests.integration.exactly_once.load import Load
from tests.integration.exactly_once.migrated import Topics, counter_examples
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.meaning import Meanings
from tests.programs.checker.names import RAW

OLD, LATE, NEW = 1200, 100, 400
"""Deliveries before the migration, during and after it."""

SIX = {"partitions": "6"}
AT_ONCE = {"test_lease": "0.5", "ingress_ack_timeout": "500ms"}
"""There is no ingress that a migration would have to wait for."""

VERBOSE = "/readyz?verbose"

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
    """A setting under which the deliveries of these tests are the same events, while the keys of most are others."""
    table = yaml.safe_load((Path(__file__).parents[3] / "schemas" / "idempotency_keys.yaml").read_bytes())
    for name, key in OTHER_KEYS.items():
        table[name]["key"] = key
    path = tmp_path / "keys.yaml"
    path.write_text(yaml.safe_dump(table))
    return {"idempotency_keys": str(path)}


def processed(deployment: Deployment) -> Topics:
    """Everything is processed under the old rules, and the worker has ended in order."""
    worker = deployment.worker("worker")
    deployment.load.send(OLD)
    deployment.check()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    return Topics.of(deployment)


def migrate(deployment: Deployment, **settings: str) -> None:
    done = deployment.command("topics", "migrate", "--yes", **settings, **AT_ONCE).result()
    assert (done.exit_code, done.stderr) == (0, done.stderr)


def go_on_and_compare(deployment: Deployment, before: Topics, **settings: str) -> None:
    """Send everything again and something new, with a worker of the new rules, and look at all topics."""
    assert Topics.of(deployment).places() == before.places()  # a migration writes no output
    rules = Settings(**{**deployment.settings.model_dump(exclude_defaults=True), **settings})
    worker = deployment.worker("worker", **settings)
    load = Load(rules, seed=1)  # the same stream from its beginning
    load.send(OLD + NEW)
    deployment.wait_settled()
    worker.wait_ready()
    after = checked(deployment, before, load.meanings, rules.partitions)
    for record in after.live_states():
        answer = worker.get(f"/orders/{(record.key or b'').decode()}", **BEARER)
        assert (answer.status, answer.state) == (200, json.loads(record.value or b""))
    assert balanced(deployment, **settings)["before_migration"] == len(before.raw)


def checked(deployment: Deployment, before: Topics, meanings: Meanings, partitions: int) -> Topics:
    """All topics, which hold what they must after a migration to so many partitions."""
    after = before

    def find() -> list[str]:
        nonlocal after
        after = Topics.of(deployment)
        return list(counter_examples(before, after, meanings, partitions))

    found = deployment.once_joined(find)
    assert not found, "\n".join([f"{len(found)} counter-examples", *found[:30]])
    return after


def balanced(deployment: Deployment, **settings: str) -> dict[str, int]:
    """The ledger, which balances."""
    verified = deployment.command("verify", "-o", "json", **settings).result()
    assert verified.exit_code == 0, verified.stdout + verified.stderr
    ledger: dict[str, int] = json.loads(verified.stdout)
    return ledger


def test_other_key_rules(deployment: Deployment, other_keys: dict[str, str]) -> None:
    """Headers that the old rules made are not believed, and rows under the old keys are gone."""
    before = processed(deployment)
    migrate(deployment, **other_keys)
    go_on_and_compare(deployment, before, **other_keys)


def test_killed_at_every_step_it_comes_to_the_same_end(deployment: Deployment, other_keys: dict[str, str]) -> None:
    """Both changed at once. Between two runs no worker and no ingress takes the deployment for theirs."""
    before = processed(deployment)
    for point in POINTS:
        done = deployment.command(
            "topics", "migrate", "--yes", **SIX, **other_keys, **AT_ONCE, test_fault=point
        ).result()
        assert done.exit_code == -signal.SIGKILL, (point, done.stderr)
        checked = deployment.command("topics", "check", **SIX, **other_keys).result()
        assert (checked.exit_code, "under way" in checked.stdout) == (1, True)
    waits(deployment.worker("old"), deployment.worker("new", **SIX, **other_keys))
    migrate(deployment, **SIX, **other_keys)
    go_on_and_compare(deployment, before, **SIX, **other_keys)


def waits(*workers: Service) -> None:
    """Each is alive, and says that it waits for the migration."""
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
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    before = Topics.of(deployment)
    deployment.delete_before(before.raw[1])
    assert len(deployment.records(RAW)) == 2
    migrate(deployment, **SIX)
    after = Topics.of(deployment)
    assert [(state.key, state.value) for state in after.live_states()] == [
        (state.key, state.value) for state in before.live_states()
    ]
    rules = Settings(**{**deployment.settings.model_dump(exclude_defaults=True), **SIX})
    deployment.worker("worker", **SIX).wait_ready()
    Load(rules, seed=1).send_all([first, other])
    deployment.wait_settled()
    assert Topics.of(deployment).places() == before.places()
    assert balanced(deployment, **SIX)["before_migration"] == 2


def test_more_partitions_when_killed_right_after_its_end_it_is_done(deployment: Deployment) -> None:
    before = processed(deployment)
    done = deployment.command(
        "topics", "migrate", "--yes", **SIX, **AT_ONCE, test_fault="migration-finished:KILL:1"
    ).result()
    assert done.exit_code == -signal.SIGKILL
    again = deployment.command("topics", "migrate", "--yes", **SIX).result()
    assert (again.exit_code, "Nothing to do" in again.stderr) == (0, True)
    go_on_and_compare(deployment, before, **SIX)


def test_twice_one_after_the_other(deployment: Deployment) -> None:
    """Every migration begins where the one before it ended: names have then lain in three partitions."""
    processed(deployment)
    migrate(deployment, **SIX)
    before = Topics.of(deployment)
    migrate(deployment, partitions="7")
    go_on_and_compare(deployment, before, partitions="7")


def test_a_frozen_one_that_wakes_up_writes_nothing_any_more(deployment: Deployment, tmp_path: Path) -> None:
    before = processed(deployment)
    fault = {"test_fault": "migration-rebuilt:STOP:1"}
    frozen = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE, **fault)
    frozen.wait_frozen()
    beside = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE).result()
    assert (beside.exit_code, "cannot be used" in beside.stderr) == (2, True), beside.stderr  # the same directory
    migrate(deployment, **SIX, worker_data_dir=str(tmp_path / "elsewhere"))
    frozen.go_on()
    woken = frozen.result()
    assert (woken.exit_code, "started meanwhile" in woken.stderr) == (2, True), woken.stderr
    go_on_and_compare(deployment, before, **SIX)


def test_what_an_ingress_stores_too_late_is_processed_once_under_the_new_rules(deployment: Deployment) -> None:
    """It lies where the old rules put it, behind what the worker has processed, and its rows belong elsewhere."""
    before = processed(deployment)
    fault = {"test_fault": "migration-announced:STOP:1"}
    frozen = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE, **fault)
    frozen.wait_frozen()
    deployment.load.send(LATE)
    frozen.go_on()
    woken = frozen.result()
    assert woken.exit_code == 0, woken.stderr
    worker = deployment.worker("worker", **SIX)
    worker.wait_ready()
    deployment.wait_settled()
    after = checked(deployment, before, deployment.load.meanings, 6)
    worker.end()
    go_on_and_compare(deployment, after, **SIX)


def test_a_running_worker_is_a_reason_not_to_begin(deployment: Deployment) -> None:
    """Nothing is announced, and nobody disturbed."""
    deployment.load.send(OLD)
    deployment.worker("worker").wait_ready()
    refused = deployment.command("topics", "migrate", "--yes", **SIX, session_timeout="100ms").result()
    assert (refused.exit_code, "Workers are running (1)" in refused.stderr) == (2, True), refused.stderr
    deployment.check()


def test_raw_records_that_are_not_processed_are_a_reason_not_to_begin(deployment: Deployment) -> None:
    deployment.load.send(OLD)
    refused = deployment.command("topics", "migrate", "--yes", **SIX).result()
    assert (refused.exit_code, f"{OLD:,} raw records are not processed" in refused.stderr) == (2, True)
    assert deployment.command("topics", "check").result().exit_code == 0


def test_without_a_terminal_it_shows_its_plan_and_wants_yes(deployment: Deployment) -> None:
    asked = deployment.command("topics", "migrate", **SIX).result()
    assert asked.exit_code == 2
    assert "needs --yes" in asked.stderr
    assert "partitions" in asked.stderr
    assert deployment.command("topics", "check").result().exit_code == 0


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [({}, 0, "Nothing to do"), ({"partitions": "3"}, 2, "cannot take any away"), ({"topic_prefix": "no"}, 2, "apply")],
)
def test_what_it_cannot_do_it_says(deployment: Deployment, settings: dict[str, str], code: int, says: str) -> None:
    done = deployment.command("topics", "migrate", "--yes", **settings).result()
    assert (done.exit_code, says in done.stderr) == (code, True), done.stderr


def test_an_ingress_that_runs_on_stops_taking_events_and_then_ends(deployment: Deployment, alarms: Alarms) -> None:
    """Every event is one that 500 keeps NewStore from forgetting, until an ingress with the new rules runs."""
    ingress = deployment.ingress()
    ingress.wait_ready()
    assert post(ingress, 1) == 200
    worker = deployment.worker("worker")
    worker.wait_ready()
    deployment.wait_settled()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    alarms.was_well(ingress=ingress.page())
    fault = {"test_fault": "migration-announced:STOP:1"}
    frozen = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE, **fault)
    frozen.wait_frozen()
    wait_until("it takes nothing", lambda: post(ingress, 2) == 500)
    assert b"under way" in ingress.get(VERBOSE).body
    stored = len(deployment.records(RAW))
    assert [post(ingress, number) for number in range(3, 20)] == [500] * 17
    assert len(deployment.records(RAW)) == stored
    alarms.goes_on(ingress=ingress.page())
    starting = deployment.ingress("starting", **SIX)
    wait_until("it is alive", lambda: starting.status("/livez") == 200)
    assert post(starting, 20) == 500
    frozen.go_on()
    assert frozen.result().exit_code == 0
    assert ingress.wait() == 2
    starting.wait_ready()
    assert post(starting, 21) == 200
    burn = ("BridgeAvailabilityBurn critical", "BridgeAvailabilityBurn warning")
    alarms.assert_raised("BridgeUnexpectedErrors warning", *burn)


def post(ingress: Service, number: int) -> int:
    """Status of a delivery."""
    return ingress.request("POST", "/webhooks/newstore", body(number), BEARER).status


def body(number: int) -> bytes:
    """An order's creation, unlike all others here."""
    envelope = {"tenant": TENANT, "name": "order.created", "published_at": None, "payload": {"id": f"late-{number}"}}
    return json.dumps(envelope).encode()


def test_a_command_that_was_writing_raw_does_not_go_on(deployment: Deployment, tmp_path: Path) -> None:
    """A backfill that has sent lines by the old rules, and is about to commit them."""
    before = processed(deployment)
    export = tmp_path / "lines.export"
    export.write_bytes(b"".join(body(number) + b"\n" for number in range(50)))
    frozen = deployment.command("backfill", str(export), "--yes", fault="before-commit:STOP:1")
    frozen.wait_frozen()
    migrate(deployment, **SIX)
    frozen.go_on()
    assert frozen.result().exit_code == 2
    assert len(deployment.records(RAW)) == len(before.raw)
    under_new_rules = deployment.command("backfill", str(export), "--yes", **SIX).result()
    assert under_new_rules.exit_code == 0, under_new_rules.stderr
    assert len(deployment.records(RAW)) == len(before.raw) + 50
