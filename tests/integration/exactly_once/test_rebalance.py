"""Partitions change hands, under load."""

from tests.integration.exactly_once.deployment import Deployment, wait_for_lanes


def test_a_second_worker_joins_and_leaves_again(deployment: Deployment) -> None:
    """Both workers share the lanes. A SIGTERM hands them back, in time and with exit code 0."""
    deployment.load.send(400)
    with deployment.load.flowing():
        first = deployment.worker("first")
        first.wait_ready()
        second = deployment.worker("second")
        wait_for_lanes(first, second)
        first.stop()
        wait_for_lanes(second)
    deployment.check()
