"""Orders that were kept for long enough go from all that is the bridge's own, once, even if a worker is killed."""

import json
import signal

import pytest

from processors.orders.beginning import BEGAN
from processors.orders.gone import GONE
from processors.orders.table import JUDGED_BY, ORDER, REACHED_KEY, TOTALS_KEY, UNPROCESSED
from tests.integration.exactly_once.answers import asked, wait_for_answers
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.orders import LONG_AGO, ORDERS, deliver, event
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDER_STATE

SHORT = {"order_retention": "6s", "orders_since": LONG_AGO}
_OF_PARTITIONS = {TOTALS_KEY, REACHED_KEY, BEGAN, JUDGED_BY}
_OWN = b"\x00"


def last(deployment: Deployment, dataset: str) -> dict[bytes, bytes | None]:
    """The value of the last record of each key: what is left once the topic is compacted."""
    return {record.key or b"": record.value for record in deployment.records(dataset)}


def rows(deployment: Deployment) -> set[bytes]:
    """Keys of the orders' rows in the changelog, without the rows of the engine and those of whole partitions."""
    found = last(deployment, "orders-changelog")
    return {key for key, row in found.items() if row is not None and not key.startswith(_OWN)} - _OF_PARTITIONS


def wait_forgotten(deployment: Deployment) -> None:
    def are_left() -> list[bytes]:
        return [key for key, state in last(deployment, ORDER_STATE).items() if state is not None]

    wait_until("all are forgotten", lambda: not are_left(), are_left)


def test_orders_of_which_nothing_comes_any_more_leave_nothing_but_that_they_were(deployment: Deployment) -> None:
    worker = deployment.worker("worker", **SHORT)
    deliver(deployment, "order.created")
    deployment.wait_settled()
    assert set(last(deployment, ORDER_STATE)) == {order.encode() for order in ORDERS}
    wait_forgotten(deployment)
    deployment.wait_for_markers()
    assert not [key for key in rows(deployment) if key.startswith((ORDER, UNPROCESSED, b"due/", b"full/"))]
    wait_until("it says so", lambda: asked(worker, f"/orders/{ORDERS[0]}").status == 404)
    wait_until("nothing is counted", lambda: worker.metric("bridge_orders{") == 0)
    wait_until("nothing is left", lambda: not rows(deployment), lambda: rows(deployment))


def test_what_comes_later_begins_an_order_anew(deployment: Deployment) -> None:
    """The note of a forgotten order is kept for as long again, and must still be there."""
    first = deployment.worker("worker", **SHORT | {"order_retention": "20s"})
    deliver(deployment, "order.created")
    deployment.wait_settled()
    wait_forgotten(deployment)
    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    worker = deployment.worker("worker")  # it keeps orders
    worker.wait_ready()
    deployment.load.send_all([event(ORDERS[0], "order.completed"), event(ORDERS[1], "order.created")])
    deployment.wait_settled()
    wait_for_answers(deployment, worker)
    answer = asked(worker, f"/orders/{ORDERS[0]}")
    state = json.loads(answer.body)
    assert (answer.status, state["partial_history"], state["version"]) == (200, True, 1)
    assert asked(worker, f"/orders/{ORDERS[1]}").status == 404  # dedupe still knows its event


@pytest.mark.parametrize("nth", [1, 2])
def test_a_worker_that_is_killed_while_it_forgets_leaves_the_rest_to_the_next(deployment: Deployment, nth: int) -> None:
    """The transaction that would have told of it is lost. The next worker has nothing but the changelog."""
    deployment.note_settings(**SHORT)
    doomed = deployment.worker("doomed", test_fault=f"before-tick:KILL:{nth}", **SHORT)
    deliver(deployment, "order.created")
    assert doomed.wait() == -signal.SIGKILL
    assert any(state is not None for state in last(deployment, ORDER_STATE).values())
    successor = deployment.worker("successor", **SHORT)
    successor.wait_ready()
    wait_forgotten(deployment)
    deployment.wait_for_markers()
    tombstones = [record.key for record in deployment.records(ORDER_STATE) if record.value is None]
    assert sorted(tombstones, key=str) == sorted((order.encode() for order in ORDERS), key=str)
    assert {key for key in rows(deployment) if not key.startswith(GONE)} == set()
