"""Work that no record causes is done once, beside all other work, whoever is killed, frozen or told to stop
meanwhile."""

import signal
from collections import Counter

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.kafka import LocalKafka
from tests.integration.alarms import OF_DELIVERIES, Alarms
from tests.integration.exactly_once.deployment import LANES, PARTITIONS, Deployment, wait_for_lanes
from tests.integration.exactly_once.service import Service
from tests.integration.exactly_once.sweeping import SWEPT
from tests.integration.waiting import PATIENCE, wait_until

FOR_LONG_S = 15.0
"""Seconds, three for a minute: a lane without a tick for longer is an alarm."""


@pytest.fixture
def sweeping(deployment: Deployment, kafka: LocalKafka) -> Deployment:
    """A deployment with the topic in which its workers tell of each order once."""
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    [made] = admin.create_topics([NewTopic(deployment.names.topic(SWEPT), PARTITIONS, 1)]).values()
    made.result(PATIENCE)
    return deployment


def swept(deployment: Deployment) -> Counter[str]:
    """How often each order was told."""
    return Counter(str(record.key or b"", "utf-8") for record in deployment.records(SWEPT))


def wait_swept(deployment: Deployment) -> None:
    """Return once each order was told. AssertionError: an order was told twice."""
    wait_until("all orders are told", lambda: swept(deployment).keys() == set(deployment.order_ids()))
    assert set(swept(deployment).values()) == {1}


def with_idle_lanes(deployment: Deployment) -> None:
    """There are orders, and nothing else is to be done. The worker that processed them is gone, with its tables."""
    deployment.load.send(400)
    first = deployment.worker("first")
    first.wait_ready()
    deployment.wait_settled()
    first.end()


def worker(deployment: Deployment, name: str, **settings: str) -> Service:
    return deployment.worker(name, test_sweep="once", **settings)


@pytest.mark.parametrize("fault", ["before-tick:KILL:3", "after-commit:KILL:3"])
def test_what_is_due_in_idle_lanes_is_done_once_though_a_worker_is_killed(sweeping: Deployment, fault: str) -> None:
    """Another worker takes over, with nothing but the changelog. All units here are ticks'."""
    with_idle_lanes(sweeping)
    before = sweeping.committed("orders")
    assert worker(sweeping, "doomed", test_fault=fault).wait() == -signal.SIGKILL
    assert len(swept(sweeping)) < len(sweeping.order_ids())
    worker(sweeping, "successor").wait_ready()
    wait_swept(sweeping)
    assert sweeping.committed("orders") == before
    sweeping.load.send(400)
    sweeping.check()
    wait_swept(sweeping)


def test_a_worker_that_is_frozen_in_a_tick_is_fenced_by_its_successor(sweeping: Deployment) -> None:
    with_idle_lanes(sweeping)
    # Its watchdog would end a process that was stopped for half a minute.
    zombie = worker(sweeping, "zombie", test_fault="before-tick:STOP:3", test_standstill="600")
    zombie.wait_frozen()
    successor = worker(sweeping, "successor")
    wait_for_lanes(successor)
    wait_swept(sweeping)
    zombie.signal(signal.SIGCONT)
    wait_until("the zombie works again", zombie.lanes)
    sweeping.load.send(400)
    sweeping.check()
    wait_swept(sweeping)


def test_ticks_between_records_lose_and_repeat_nothing_while_lanes_change_hands(sweeping: Deployment) -> None:
    """A worker joins, one stops in order, and one is killed."""
    sweeping.load.send(400)
    with sweeping.load.flowing():
        first = worker(sweeping, "first")
        first.wait_ready()
        second = worker(sweeping, "second")
        wait_for_lanes(first, second)
        first.stop()
        wait_for_lanes(second)
        sweeping.wait_for_progress()
        second.end()
        worker(sweeping, "third").wait_ready()
        told = len(swept(sweeping))
        wait_until("more orders are told", lambda: len(swept(sweeping)) > told)
    sweeping.check()
    wait_swept(sweeping)


def test_a_tick_that_fails_shows_and_keeps_no_record_waiting(sweeping: Deployment, alarms: Alarms) -> None:
    """A minute is three seconds here."""
    broken = sweeping.worker("worker", test_sweep="fail")
    sweeping.load.send(400)
    said = f"{sweeping.names.topic('orders')}/{PARTITIONS - 1}: nothing that is due was done for ".encode()
    wait_until("it says so", lambda: said in broken.get("/readyz?verbose").body if broken.status("/livez") else False)
    assert broken.get("/readyz").status == 503
    sweeping.check()
    wait_until("all lanes run", lambda: broken.metric("bridge_lane_state{", 'state="ready"') == LANES)
    wait_until("no record waits", lambda: broken.metric("bridge_consumer_lag_events") == 0)
    assert "what is due could not be done" in broken.log.read_text()
    assert "a bug of the test's" in broken.log.read_text()
    assert swept(sweeping) == Counter()
    wait_until("it goes on", lambda: broken.metric("bridge_lane_unticked_seconds{", 'partition="0"') > FOR_LONG_S)
    alarms.goes_on(worker=broken.page)
    alarms.assert_raised(
        "BridgeLaneNotTicking critical", others=OF_DELIVERIES, quiet=False, bridge_lane_unticked_seconds=20.0
    )

    broken.end()
    worker(sweeping, "worker").wait_ready()
    wait_swept(sweeping)
