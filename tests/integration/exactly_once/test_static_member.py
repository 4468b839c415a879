"""Static membership: a worker that comes back under its instance id."""

import signal
import time

from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deployment import Deployment, wait_for_lanes
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until

_AWAY_S = 11
"""Seconds; longer than the session of a worker without an instance id."""


def test_a_worker_that_comes_back_at_another_address_is_found_there(deployment: Deployment) -> None:
    """Kafka gives a static member its old assignment, in which the group's leader wrote the old address."""
    deployment.load.send(400)
    first = deployment.worker("first", worker_instance_id="worker-0")
    other = deployment.worker("other", worker_instance_id="worker-1")
    wait_for_lanes(first, other)
    deployment.wait_settled()
    first.end()
    data = str(deployment.data_dir("first"))
    moved = deployment.worker("moved", worker_instance_id="worker-0", worker_data_dir=data)
    wait_for_lanes(moved, other)
    for order_id in deployment.order_ids():
        assert asked(other, f"/orders/{order_id}").status == 200
    deployment.check()


def test_workers_that_are_away_for_a_while_keep_their_partitions(deployment: Deployment) -> None:
    """One is stopped in order and one killed, for less than their session. Nobody takes over their partitions or reads
    tables anew."""
    deployment.load.send(400)
    told, killed, other = (_static(deployment, name) for name in ("worker-0", "worker-1", "worker-2"))
    wait_for_lanes(told, killed, other)
    deployment.wait_settled()
    before = told.lanes(), killed.lanes(), other.lanes()
    read = other.metric("bridge_recovery_records_total")
    told.signal(signal.SIGTERM)
    killed.signal(signal.SIGKILL)
    assert (told.wait(), killed.wait()) == (0, -signal.SIGKILL)
    until = time.monotonic() + _AWAY_S
    wait_until("they were away for long enough", lambda: time.monotonic() > until)
    assert other.lanes() == before[2]

    deployment.load.send(400)
    back = _static(deployment, "worker-0"), _static(deployment, "worker-1")
    wait_for_lanes(*back, other)
    assert (back[0].lanes(), back[1].lanes(), other.lanes()) == before
    deployment.check()
    assert other.metric("bridge_recovery_records_total") == read


def _static(deployment: Deployment, name: str) -> Service:
    return deployment.worker(name, worker_instance_id=name, session_timeout="180s")  # the rest is for a busy machine
