"""Static membership: a worker that comes back under its instance id."""

import signal

from tests.integration.exactly_once.deployment import Deployment


def test_a_worker_comes_back_at_another_address(deployment: Deployment) -> None:
    """Kafka hands a static member its old assignment, in which the leader wrote the old address."""
    deployment.load.send(400)
    first = deployment.worker("worker", worker_instance_id="worker-0")
    first.wait_ready()
    first.end()
    elsewhere = "http://127.0.0.1:1"
    second = deployment.worker("worker", worker_instance_id="worker-0", worker_advertised_url=elsewhere)
    second.wait_ready()
    deployment.check()
    second.signal(signal.SIGTERM)
    assert second.wait() == 0
