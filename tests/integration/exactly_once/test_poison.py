"""A handler of a real worker fails on single events, in the middle of others."""

import json
import signal
from collections import Counter
from typing import Any

from processors.engine.refusals import IN_A_ROW
from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deliveries import TENANT, Delivery
from tests.integration.exactly_once.deployment import LANES, PARTITIONS, Deployment
from tests.integration.exactly_once.migrating import SIX, migrate
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDER_STATE, ORDERS, QUARANTINE, RAW

ORDER = "order-with-poison"


def delivery(name: str, second: int, **payload: Any) -> Delivery:
    """An event of that order."""
    at = f"2026-01-01T00:00:{second:02d}Z"
    body = {"tenant": TENANT, "name": name, "published_at": at, "payload": {"id": ORDER, "items": [], **payload}}
    return Delivery(name, json.dumps(body).encode(), None)


CREATED = delivery("order.created", 0)
LOST_ON_DEDUPE = delivery("order.opened", 1, note="poison for dedupe")
LOST_ON_ORDERS = delivery("order.completed", 2, note="poison for orders")


def state_of(deployment: Deployment) -> dict[str, Any]:
    """The last state of `ORDER`."""
    *_, last = [record for record in deployment.records(ORDER_STATE) if record.key == ORDER.encode()]
    state: dict[str, Any] = json.loads(last.value or b"")
    return state


def poisoned(deployment: Deployment, mutation: str) -> Service:
    """A worker with this bug, which has processed both events that show it, in the middle of others."""
    deployment.load.send(300)
    deployment.load.send_all([CREATED, LOST_ON_DEDUPE, LOST_ON_ORDERS])
    deployment.load.send(300)
    worker = deployment.worker("worker", test_mutation=mutation)
    worker.wait_ready()
    deployment.wait_settled()
    return worker


def test_what_a_handler_fails_on_is_quarantined_and_processed_by_the_next_version(deployment: Deployment) -> None:
    worker = poisoned(deployment, "fail-on-poison")

    quarantined = {
        (record.header("bridge_error_stage"), record.value): record
        for record in deployment.records(QUARANTINE)
        if record.header("bridge_error_reason") == "handler_failed"
    }
    assert set(quarantined) == {("dedupe", LOST_ON_DEDUPE.body), ("orders", LOST_ON_ORDERS.body)}
    for record in quarantined.values():
        assert record.header("bridge_error_exception") == "ValueError: a bug of the test's"
    wait_until("it is counted", lambda: worker.metric("bridge_handler_failures_total") == 2)
    wait_until("all lanes go on", lambda: worker.metric("bridge_lane_state", 'state="ready"') == LANES)
    state = state_of(deployment)
    assert (state["status"], state["version"]) == ("created", 1)
    assert [entry["event"] for entry in state["unprocessed"]] == ["order.completed"]
    assert json.loads(asked(worker, f"/orders/{ORDER}").body)["unprocessed"] == state["unprocessed"]

    worker.end()
    mended = deployment.worker("worker")
    mended.wait_ready()
    replay = deployment.command("quarantine", "replay", "--all", "--yes").result()
    assert replay.exit_code == 0
    assert "Done: 1 published." in replay.stderr  # the other one is in its cleaned topic
    deployment.wait_settled()
    wait_until("both are folded", lambda: state_of(deployment)["version"] == 3)
    state = state_of(deployment)
    assert (state["status"], state["unprocessed"], state["missing"]) == ("completed", [], [])
    raw = [record for record in deployment.records(RAW) if record.value == LOST_ON_DEDUPE.body]
    assert len(raw) == 2
    ledger = json.loads(deployment.command("verify", "-o", "json").result().stdout)
    assert (ledger["balanced"], ledger["quarantined_later"]) == (True, {"handler_failed": 1})


def test_an_event_that_never_comes_to_an_end_is_put_aside_as_well(deployment: Deployment) -> None:
    """On such an event the event loop stands still, which would end each worker that reads it. Events around it pass,
    once."""
    worker = poisoned(deployment, "spin-on-poison")
    quarantined = [
        (record.header("bridge_error_stage"), record.header("bridge_error_exception"), record.value)
        for record in deployment.records(QUARANTINE)
        if record.header("bridge_error_reason") == "handler_failed"
    ]
    why = "TookTooLongError: more than 1 s of CPU"
    assert sorted(quarantined) == [("dedupe", why, LOST_ON_DEDUPE.body), ("orders", why, LOST_ON_ORDERS.body)]
    assert [entry["event"] for entry in state_of(deployment)["unprocessed"]] == ["order.completed"]
    wait_until("all lanes go on", lambda: worker.metric("bridge_lane_state", 'state="ready"') == LANES)
    ledger = json.loads(deployment.command("verify", "-o", "json").result().stdout)
    assert (ledger["balanced"], ledger["quarantined_later"]) == (True, {"handler_failed": 1})


def test_the_next_version_has_what_raw_has_lost_after_a_migration_too(deployment: Deployment) -> None:
    worker = deployment.worker("worker", test_mutation="fail-on-poison")
    deployment.load.send_all([CREATED])
    deployment.wait_settled()  # a lane that opens with the event would try it again
    deployment.load.send_all([LOST_ON_ORDERS, delivery("order.completed", 3, id="another-order")])
    deployment.wait_settled()
    wait_until("it is listed", lambda: len(state_of(deployment)["unprocessed"]) == 1)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    [behind] = [record for record in deployment.records(RAW) if b"another-order" in (record.value or b"")]
    deployment.delete_before(behind)
    migrate(deployment, **SIX)
    mended = deployment.worker("worker", **SIX)
    mended.wait_ready()
    deployment.load.send_all([delivery("order.created", n, id=f"order-{n}") for n in range(20)])  # some for each lane

    def state() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(asked(mended, f"/orders/{ORDER}").body)
        return found

    wait_until("it is joined", lambda: state()["unprocessed"] == [])
    assert (state()["status"], state()["version"]) == ("completed", 2)


def test_a_handler_that_fails_on_everything_makes_its_worker_unready(deployment: Deployment) -> None:
    """The lane waits for a version that can, with all but a few of its events. The other lanes go on."""
    poison = [delivery("order.opened", n, id=f"order-{n}", note="poison for dedupe") for n in range(2 * IN_A_ROW)]
    halted = f"{deployment.names.topic(RAW)}/{partition_of(b'order.opened', PARTITIONS)} halted"
    worker = deployment.worker("worker", test_mutation="fail-on-poison")
    worker.wait_ready()
    deployment.load.send(300)
    deployment.load.send_all(poison)
    wait_until("it says so", lambda: halted.encode() in worker.get("/readyz?verbose").body)
    assert worker.get("/readyz").status == 503
    wait_until("the others go on", lambda: worker.metric("bridge_lane_state", 'state="ready"') == LANES - 1)
    assert deployment.values(QUARANTINE)[-IN_A_ROW:] == [each.body for each in poison[:IN_A_ROW]]
    wait_until("it is counted", lambda: worker.metric("bridge_handler_failures_total") == IN_A_ROW)

    worker.end()
    deployment.worker("worker").wait_ready()
    deployment.wait_settled()
    replay = deployment.command("quarantine", "replay", "--all", "--yes").result()
    assert f"Done: {IN_A_ROW} published." in replay.stderr
    deployment.wait_settled()
    passed = Counter(value for value in deployment.values(ORDERS) if b"poison" in value)
    assert passed == Counter(each.body for each in poison)
