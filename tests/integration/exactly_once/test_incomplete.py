"""Orders that miss an event for too long are found, and heal. Those whose events are on their way are not found."""

import json
import signal
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import Producer

from tests.deploy.observability.moments import total
from tests.integration.alarms import Alarms, settled
from tests.integration.exactly_once.deployment import PARTITIONS, Deployment, wait_for_lanes
from tests.integration.exactly_once.orders import LONG_AGO, ORDERS, deliver, documents, event, state
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.chaos.clock import Clock
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDER_STATE, RAW
from tests.programs.checker.names import ORDERS as ORDERS_TOPIC

LATE_S = 5
LATE = {"late_after": f"{LATE_S}s", "orders_since": LONG_AGO}
MARKED_WITHIN_MS = 60_000
"""How long after an order is late. Each second a lane looks for late orders."""
LOOKS = 3
"""So many times somebody looks in vain; there are many ticks in between."""
REVEALING = ["order.opened", "order.items_cancelled", "order.serial_numbers_added", "order.completed"]
"""Events that prove that an order was created. Any two partitions of raw have at least one."""


def incomplete(deployment: Deployment) -> set[str]:
    """Orders whose last document says so."""
    return {order for order, states in documents(deployment).items() if states[-1]["incomplete"]}


def marked_after(deployment: Deployment) -> dict[str, int]:
    """Milliseconds from when each order was late until a document first called it incomplete; below 0: too early. Both
    are times of records, which the bridge wrote, so a busy machine that reads them late changes nothing."""
    came: dict[str, int] = {}
    for record in deployment.records(RAW):
        came.setdefault(json.loads(record.value or b"")["payload"]["id"], record.timestamp)
    marked: dict[str, int] = {}
    for record in deployment.records(ORDER_STATE):
        if json.loads(record.value or b"")["incomplete"]:
            marked.setdefault(str(record.key or b"", "utf-8"), record.timestamp)
    return {order: at - came[order] - 1000 * LATE_S for order, at in marked.items()}


def wait_incomplete(deployment: Deployment, orders: set[str]) -> None:
    wait_until("these orders are incomplete", lambda: incomplete(deployment) == orders, lambda: incomplete(deployment))


def place(deployment: Deployment, dataset: str, key: str) -> tuple[str, int]:
    """The topic and partition of a key's records."""
    return deployment.names.topic(dataset), partition_of(key.encode(), PARTITIONS)


def wait_said(worker: Service, orders: Iterable[str], is_incomplete: bool, revision: int) -> None:
    """Return once it says that of all of them. Topics have it a moment before."""

    def told() -> set[tuple[bool, int]]:
        return {said(worker, order) for order in orders}

    wait_until("the worker says so", lambda: told() == {(is_incomplete, revision)}, told)


def said(worker: Service, order: str) -> tuple[bool, int]:
    """Whether the order is incomplete, and how often it was written."""
    found = state(worker, order)
    return found["incomplete"], found["revision"]


def test_an_order_without_its_beginning_is_incomplete_until_that_comes(deployment: Deployment, alarms: Alarms) -> None:
    worker = deployment.worker("worker", **LATE)
    worker.wait_ready()
    alarms.was_well(worker=worker.page)
    deliver(deployment, "order.opened")
    wait_incomplete(deployment, set(ORDERS))
    after = marked_after(deployment)
    assert after.keys() == set(ORDERS)
    assert all(0 <= ms <= MARKED_WITHIN_MS for ms in after.values()), after
    wait_said(worker, ORDERS, True, 2)
    counted = settled(worker.page, lambda page: total(page, "bridge_orders_incomplete") == len(ORDERS))
    alarms.goes_on_as(worker=counted)
    deployment.load.send_all([event(ORDERS[0], "order.created")])
    wait_incomplete(deployment, set(ORDERS[1:]))
    wait_said(worker, ORDERS[:1], False, 3)
    deliver(deployment, "order.completed")  # heals nothing
    deployment.wait_settled()
    assert incomplete(deployment) == set(ORDERS[1:])
    deliver(deployment, "order.created")
    wait_incomplete(deployment, set())
    wait_until("nothing is counted", lambda: worker.metric("bridge_orders_incomplete") == 0)
    deployment.check()
    alarms.assert_raised("BridgeOrdersIncomplete warning")


def test_where_the_whole_stream_is_late_nothing_is_lost(deployment: Deployment) -> None:
    """After an outage of an hour everything comes an hour late. Once `prompt`, published now, is found, the sweep is
    over."""
    deployment.worker("worker", **LATE)
    deliver(deployment, "order.opened", timedelta(hours=1))
    deployment.wait_settled()
    prompt = event("prompt", "order.opened")
    deployment.load.send_all([prompt])
    wait_incomplete(deployment, {"prompt"})
    deployment.check()


def test_where_raw_ends_with_an_aborted_transaction_nothing_is_waited_for(deployment: Deployment) -> None:
    """A replay that failed leaves raw so. No lane processes the aborted transaction, so no offset is committed behind
    it."""
    servers = ",".join(deployment.settings.kafka_bootstrap_servers)
    producer = Producer({"bootstrap.servers": servers, "transactional.id": deployment.names.group})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(deployment.settings.topics.raw, b"never", partition=partition_of(b"order.created", PARTITIONS))
    producer.flush()
    producer.abort_transaction()
    deployment.worker("worker", **LATE)
    elsewhere = {name for name in REVEALING if place(deployment, RAW, name) != place(deployment, RAW, "order.created")}
    deliver(deployment, min(elsewhere))
    wait_incomplete(deployment, set(ORDERS))
    behind = [n for n, end in deployment.ends(RAW).items() if deployment.committed(RAW)[n] < end]
    assert behind == [partition_of(b"order.created", PARTITIONS)]
    deployment.check()


def test_what_raw_holds_is_not_lost_while_its_lane_sleeps(deployment: Deployment) -> None:
    """The worker that would process the missing event is frozen. The other one has the revealing event and the
    order."""
    patient = {"session_timeout": "90s", "test_standstill": "600", **LATE}
    workers = [deployment.worker(name, **patient) for name in ("first", "second")]
    wait_for_lanes(*workers)
    asleep, awake = sorted(workers, key=lambda worker: place(deployment, RAW, "order.created") not in worker.lanes())
    orders = [order for order in ORDERS if place(deployment, ORDERS_TOPIC, order) in awake.lanes()]
    revealing = next(name for name in REVEALING if place(deployment, RAW, name) in awake.lanes())
    asleep.signal(signal.SIGSTOP)
    deployment.load.send_all(event(order, name) for order in orders for name in (revealing, "order.created"))
    wait_until("somebody waits for it", lambda: awake.log.read_text().count("raw is not processed") >= LOOKS)
    assert {said(awake, order) for order in orders} == {(False, 1)}
    asleep.signal(signal.SIGCONT)
    deployment.wait_settled()
    deployment.load.send_all([event("prompt", "order.opened")])
    wait_incomplete(deployment, {"prompt"})
    ever = {order for order, states in documents(deployment).items() if any(state["incomplete"] for state in states)}
    assert ever == {"prompt"}
    deployment.check()


@pytest.mark.parametrize("nth", [1, 2])
def test_a_worker_that_is_killed_while_it_marks_loses_no_order(deployment: Deployment, nth: int) -> None:
    """The transaction that would have told of it is lost. The next worker has nothing but the changelog."""
    deployment.note_settings(**LATE)
    doomed = deployment.worker("doomed", test_fault=f"before-tick:KILL:{nth}", **LATE)
    deliver(deployment, "order.opened")
    assert doomed.wait() == -signal.SIGKILL
    assert incomplete(deployment) < set(ORDERS)
    successor = deployment.worker("successor", **LATE)
    successor.wait_ready()
    wait_incomplete(deployment, set(ORDERS))
    wait_said(successor, ORDERS, True, 2)
    deliver(deployment, "order.created")
    wait_incomplete(deployment, set())
    deployment.check()


def test_who_is_late_while_nobody_works_is_found_by_who_comes(deployment: Deployment, tmp_path: Path) -> None:
    """The orders are late between two workers. By the first worker's clock they never are."""
    clock = Clock(tmp_path / "clock")
    clock.set_ahead(-3600)
    first = deployment.worker("first", test_clock=str(clock.path), **LATE)
    deliver(deployment, "order.opened")
    came = time.monotonic()
    deployment.wait_settled()
    first.end()
    assert incomplete(deployment) == set()
    wait_until("they are late", lambda: time.monotonic() > came + LATE_S)
    deployment.worker("second", **LATE)
    wait_incomplete(deployment, set(ORDERS))
    deployment.check()


def test_a_migration_leaves_what_is_incomplete_so(deployment: Deployment) -> None:
    """The worker that comes then would not find them late: it waits longer."""
    before = deployment.worker("worker", **LATE)
    deliver(deployment, "order.opened")
    wait_incomplete(deployment, set(ORDERS))
    before.signal(signal.SIGTERM)
    assert before.wait() == 0
    migrated = {"partitions": "6", "orders_since": LONG_AGO}
    command = deployment.command(
        "topics", "migrate", "--yes", test_lease="0.5", ingress_ack_timeout="500ms", **migrated
    )
    assert command.result().exit_code == 0
    after = deployment.worker("worker", **migrated)
    after.wait_ready()
    assert {said(after, order)[0] for order in ORDERS} == {True}
    wait_until("they are counted", lambda: after.metric("bridge_orders_incomplete") == len(ORDERS))
    deliver(deployment, "order.created")
    wait_until("nothing is incomplete", lambda: not any(said(after, order)[0] for order in ORDERS))
