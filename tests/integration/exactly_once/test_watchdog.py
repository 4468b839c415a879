"""Services whose event loop stands still end, so that something starts them anew."""

import signal
from datetime import timedelta

import pytest

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import wait_until

_STANDSTILL = timedelta(seconds=20)
"""Longer than a busy machine keeps a starting service waiting for a processor."""


@pytest.mark.parametrize("service", ["worker", "ingress"])
def test_a_service_whose_loop_stands_still_ends_with_its_stacks_logged(deployment: Deployment, service: str) -> None:
    start = deployment.worker if service == "worker" else deployment.ingress
    running = start(service, test_standstill=str(_STANDSTILL.total_seconds()))
    wait_until("it lives", lambda: running.status("/livez") == 200)
    running.signal(signal.SIGUSR1)
    assert running.wait() == 1
    assert f"Timeout ({_STANDSTILL})!" in running.log.read_text()
