"""Gaps that somebody set aside, asked of any worker, and what is left of that when workers come and go."""

import json
import signal
from typing import Any

from tests.integration.exactly_once.deployment import BEARER, Deployment, wait_for_lanes
from tests.integration.exactly_once.orders import LONG_AGO, ORDERS, deliver, documents, state
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until

LATE = {"late_after": "3s", "orders_since": LONG_AGO}
CREATED = "order.created"


def acknowledge(worker: Service, order: str, name: str = CREATED) -> tuple[int, dict[str, Any]]:
    """Status and document of the answer."""
    path, body = f"/orders/{order}/gaps/{name}/ack", json.dumps({"reason": "asked NewStore"}).encode()
    answer = worker.request("POST", path, body, BEARER)
    return answer.status, json.loads(answer.body)


def incomplete(deployment: Deployment) -> set[str]:
    """Orders whose last document says so."""
    return {order for order, states in documents(deployment).items() if states[-1]["incomplete"]}


def names(gaps: list[dict[str, str]]) -> list[str]:
    return [each["name"] for each in gaps]


def test_whoever_is_asked_the_owner_sets_it_aside_and_a_kill_right_after_the_answer_undoes_nothing(
    deployment: Deployment,
) -> None:
    workers = [deployment.worker(name, **LATE) for name in ("first", "second")]
    wait_for_lanes(*workers)
    deliver(deployment, "order.opened")
    wait_until("all are incomplete", lambda: incomplete(deployment) == set(ORDERS), lambda: incomplete(deployment))
    for order in ORDERS:
        status, said = acknowledge(workers[0], order)  # half of them are the other one's
        assert (status, said["incomplete"], said["missing"], names(said["acknowledged"])) == (
            200,
            False,
            [CREATED],
            [CREATED],
        )
    for worker in workers:
        worker.signal(signal.SIGKILL)
    for worker in workers:
        worker.wait()
    assert incomplete(deployment) == set()

    successor = deployment.worker("successor", **LATE)  # with nothing but Kafka
    successor.wait_ready()
    first = state(successor, ORDERS[0])
    assert (first["incomplete"], first["provisional"], names(first["acknowledged"])) == (False, True, [CREATED])
    assert successor.metric("bridge_orders_incomplete") == 0
    revision = first["revision"]
    assert acknowledge(successor, ORDERS[0])[0] == 200  # as before
    assert state(successor, ORDERS[0])["revision"] == revision
    status, said = acknowledge(successor, ORDERS[0], "order.shipped")
    assert (status, said["detail"]) == (404, f"order {ORDERS[0]} waits for no order.shipped")

    deliver(deployment, CREATED)
    deployment.wait_settled()
    assert {
        (tuple(found["missing"]), tuple(found["acknowledged"])) for found in (state(successor, each) for each in ORDERS)
    } == {((), ())}
    deployment.check()
