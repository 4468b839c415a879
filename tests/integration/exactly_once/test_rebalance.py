"""Partitions that change hands, under load."""

import signal

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.waiting import ORDERLY_SECONDS, wait_until


def test_a_second_worker_joins_and_leaves_again(deployment: Deployment) -> None:
    """Both share the lanes; a SIGTERM hands them back, in time and with exit code 0."""
    deployment.load.send(800)
    with deployment.load.flowing():
        first = deployment.worker("first")
        first.wait_ready()
        second = deployment.worker("second")
        wait_until(
            "both workers have lanes, eight in all",
            lambda: first.lanes() and second.lanes() and len(first.lanes() | second.lanes()) == 8,
            lambda: (first.lanes(), second.lanes()),
        )
        first.signal(signal.SIGTERM)
        assert first.wait(ORDERLY_SECONDS) == 0
        wait_until("the second worker has all lanes", lambda: len(second.lanes()) == 8, second.lanes)
    deployment.check()
