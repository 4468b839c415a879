"""A worker's disk becomes full, and has space again while the worker runs."""

import json
import re
from typing import Any

import pytest

from tests.deploy.observability.moments import behind_one, unanswered
from tests.integration.alarms import OF_DELIVERIES, Alarms
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.chaos.small_disk import ballast_of, fill, may_mount, on_small_disk

_SIZE, _BALLAST = 64 << 20, 58 << 20
"""Bytes: the tables' first files fit beside the ballast."""

_LEFT, _EVENTS = 256 << 10, 1000
"""Bytes that are left beside these files, and more events than fit into them."""
FAILS = re.compile(r'bridge_lane_state{.*state="(?:failed|opening|verifying)".*} 1.0')


@pytest.mark.skipif(not may_mount(), reason="this user may not mount a disk in a namespace of its own")
def test_a_worker_goes_on_once_its_disk_has_space_again(deployment: Deployment, alarms: Alarms) -> None:
    """The process stays the same. What it could not write comes from Kafka."""
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

    def told_first() -> dict[str, Any] | None:
        """Of the disk, before the lanes. Kafka or the worker may be slow beside all that."""
        status = json.loads(deployment.command("status", "-o", "json", worker_url=url).result().stdout)
        told = [each for each in status["problems"] if "answer" not in each["what"]]
        return told[0] if told and "the disk of the worker" in told[0]["what"] else None

    def found() -> list[str]:
        doctor = json.loads(deployment.command("doctor", "-o", "json", worker_url=url).result().stdout)
        return [each["state"] for each in doctor["findings"] if "the disk of the worker" in each["what"]]

    assert wait_until("status names it", told_first)["remedy"]
    assert wait_until("doctor names it", found) == ["wrong"]
    ballast.unlink()
    worker.wait_ready()
    deployment.check()
    full = ("BridgeDiskFull critical", "BridgeDiskFull warning", "BridgeLaneNotReady warning")
    # A lane that was opened anew meanwhile stays halted until there is space: it cannot open its directory.
    alarms.assert_raised(*full, others=["BridgeLag", "BridgeLaneHalted", *OF_DELIVERIES])


def _failing(worker: Service) -> str:
    """The worker's metrics once lanes fail, Kafka answers, and no transaction is open."""
    page = worker.page() or ""
    return page if FAILS.search(page) and not behind_one(page) | unanswered(page) else ""
