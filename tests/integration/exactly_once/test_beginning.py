"""Without `BRIDGE_ORDERS_SINCE`, the first raw record says for good since when the bridge listens."""

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.orders import event, instant, state
from tests.integration.waiting import wait_until
from tests.programs.checker.names import RAW

CREATED, OPENED = "order.created", "order.opened"


def forget(deployment: Deployment) -> None:
    """Delete all but the last record of each raw partition, as raw's retention does."""
    for last in {record.partition: record for record in deployment.records(RAW)}.values():
        deployment.delete_before(last)


def test_orders_from_before_the_first_record_are_judged_by_nobody_even_when_raw_forgets_it(
    deployment: Deployment,
) -> None:
    worker = deployment.worker("worker", late_after="2s")
    deployment.load.send_all([event("first", CREATED)])
    deployment.wait_settled()
    between = instant()
    judged = [event("before", OPENED, placed_at="2024-01-01T00:00:00Z"), event("after", OPENED, placed_at=between)]
    deployment.load.send_all(judged)
    deployment.wait_settled()
    wait_until("who was placed later is judged", lambda: state(worker, "after")["incomplete"])
    assert (state(worker, "before")["partial_history"], state(worker, "before")["incomplete"]) == (True, False)
    # The second one is the very first order, which nobody could judge when it came, and which does not say when it was
    # placed.
    wait_until("two are counted", lambda: worker.metric("bridge_orders_partial_history") == 2)
    assert state(worker, "first")["partial_history"] is True

    deployment.load.send_all([event("last", CREATED), event("last", OPENED)])
    deployment.wait_settled()
    worker.end()
    forget(deployment)
    successor = deployment.worker("successor", late_after="2s")  # without the first worker's disk
    successor.wait_ready()
    deployment.load.send_all([event("later", OPENED, placed_at=between)])
    deployment.wait_settled()
    wait_until("it is still judged", lambda: state(successor, "later")["incomplete"])
    assert state(successor, "before")["partial_history"] is True
