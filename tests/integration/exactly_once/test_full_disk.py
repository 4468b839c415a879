"""A worker whose disk becomes full, and is given space again while it runs."""

import json
import re

import pytest

from tests.deploy.observability.moments import behind_one, unanswered
from tests.integration.alarms import OF_DELIVERIES, Alarms
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.chaos.small_disk import ballast_of, fill, may_mount, on_small_disk

_SIZE, _BALLAST = 64 << 20, 58 << 20
"""Bytes: beside the ballast the tables' first files fit."""

_LEFT, _EVENTS = 256 << 10, 1000
"""Bytes that are left once they are there, and more events than fit into these."""
FAILS = re.compile(r'bridge_lane_state{.*state="(?:failed|opening|verifying)".*} 1.0')


@pytest.mark.skipif(not may_mount(), reason="this user may not mount a disk in a namespace of its own")
def test_a_worker_goes_on_once_its_disk_has_space_again(deployment: Deployment, alarms: Alarms) -> None:
    """The same process; what it could not write comes from Kafka."""
    data = deployment.data_dir("worker")
    worker = deployment.worker("worker", on_small_disk(data, _SIZE, _BALLAST))
    worker.wait_ready()
    alarms.was_well(worker=worker.page)
    fill(ballast := ballast_of(worker.pid, data), _LEFT)
    deployment.load.send(_EVENTS)
    wait_until("the disk is full", lambda: "No space left on device" in worker.log.read_text())
    wait_until("it says so", lambda: worker.status("/readyz") == 503)
    failing = wait_until("its lanes fail, and what was under way is committed", lambda: _failing(worker))
    alarms.look(worker=failing)
    alarms.goes_on_as(worker=failing)
    url = f"http://127.0.0.1:{worker.port}"
    status = json.loads(deployment.command("status", "-o", "json", worker_url=url).result().stdout)
    told = [each for each in status["problems"] if "answer" not in each["what"]]  # Kafka may be slow beside all that
    assert "the disk of the worker" in told[0]["what"]  # before the lanes
    assert told[0]["remedy"]
    doctor = json.loads(deployment.command("doctor", "-o", "json", worker_url=url).result().stdout)
    said = [each["state"] for each in doctor["findings"] if "the disk of the worker" in each["what"]]
    assert said == ["wrong"]
    ballast.unlink()
    worker.wait_ready()
    deployment.check()
    full = ("BridgeDiskFull critical", "BridgeDiskFull warning", "BridgeLaneNotReady warning")
    # A lane that was opened anew meanwhile is halted until there is space: its directory cannot be opened.
    alarms.assert_raised(*full, others=["BridgeLag", "BridgeLaneHalted", *OF_DELIVERIES])


def _failing(worker: Service) -> str:
    """Its metrics once lanes fail, Kafka answers, and no transaction is open."""
    page = worker.page() or ""
    return page if FAILS.search(page) and not behind_one(page) | unanswered(page) else ""
