"""Static membership: a worker that comes back under its instance id."""

import signal
import time

import pytest

from tests.integration.exactly_once.deployment import BEARER, Deployment, wait_for_lanes
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until

_AWAY_S = 15
"""As long as it takes to move a pod to another node, and longer than the session of a worker without an instance id."""


def test_a_worker_that_comes_back_at_another_address_is_found_there(deployment: Deployment) -> None:
    """Kafka hands a static member its old assignment, in which the group's leader wrote the old address."""
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
        assert other.get(f"/orders/{order_id}", **BEARER).status == 200
    deployment.check()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_that_is_away_for_a_while_keeps_its_partitions(deployment: Deployment, end: signal.Signals) -> None:
    """With the default session, stopped in order or killed: nobody takes them over, and nobody reads tables anew."""
    deployment.load.send(400)
    first, other = (_static(deployment, name) for name in ("worker-0", "worker-1"))
    wait_for_lanes(first, other)
    deployment.wait_settled()
    before = first.lanes(), other.lanes()
    read = other.metric("bridge_recovery_records_total")
    first.signal(end)
    first.wait()
    until = time.monotonic() + _AWAY_S
    wait_until("it was away for long enough", lambda: time.monotonic() > until)
    assert other.lanes() == before[1]

    deployment.load.send(400)
    back = _static(deployment, "worker-0")
    wait_for_lanes(back, other)
    assert (back.lanes(), other.lanes()) == before
    deployment.check()
    assert other.metric("bridge_recovery_records_total") == read


def _static(deployment: Deployment, name: str) -> Service:
    return deployment.worker(name, worker_instance_id=name, session_timeout="")
