"""Static membership: a worker that comes back under its instance id."""

from tests.integration.exactly_once.deployment import BEARER, Deployment, wait_for_lanes


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
