"""Any worker that is asked sets a gap aside. It stays aside when workers come and go."""

import json
import signal
from typing import Any

from tests.integration.exactly_once.answers import answered, wait_for_answers
from tests.integration.exactly_once.command import Result
from tests.integration.exactly_once.deployment import BEARER, KEY, Deployment, wait_for_lanes
from tests.integration.exactly_once.orders import LONG_AGO, ORDERS, deliver, documents, instant, state
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until

LATE = {"late_after": "3s", "orders_since": LONG_AGO}
CREATED = "order.created"
_NOT_READY = "ask again in"


def heard(deployment: Deployment, *arguments: str, **settings: str) -> Result:
    """What `bridge gaps` says, asked again while a worker is not ready: a busy machine may keep one waiting."""

    def said() -> Result | None:
        result = deployment.command("gaps", *arguments, **settings).result()
        return None if _NOT_READY in result.stderr else result

    return wait_until("the workers are ready", said)


def acknowledge(worker: Service, order: str, name: str = CREATED) -> tuple[int, dict[str, Any]]:
    """Status and document of the answer."""
    path, body = f"/orders/{order}/gaps/{name}/ack", json.dumps({"reason": "asked NewStore"}).encode()
    answer = answered(lambda: worker.request("POST", path, body, BEARER))
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
        status, said = acknowledge(workers[0], order)  # half of the orders are the other worker's
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
    deployment.wait_for_markers()
    assert incomplete(deployment) == set()

    successor = deployment.worker("successor", **LATE)  # it begins with nothing but Kafka
    successor.wait_ready()
    first = state(successor, ORDERS[0])
    assert (first["incomplete"], first["provisional"], names(first["acknowledged"])) == (False, True, [CREATED])
    wait_until("they are counted", lambda: "\nbridge_orders_incomplete " in (successor.page() or ""))
    assert successor.metric("bridge_orders_incomplete") == 0
    revision = first["revision"]
    assert acknowledge(successor, ORDERS[0])[0] == 200  # as before
    assert state(successor, ORDERS[0])["revision"] == revision
    status, said = acknowledge(successor, ORDERS[0], "order.shipped")
    assert (status, said["detail"]) == (404, f"order {ORDERS[0]} waits for no order.shipped")

    deliver(deployment, CREATED)
    deployment.wait_settled()
    wait_for_answers(deployment, successor)
    assert {
        (tuple(found["missing"]), tuple(found["acknowledged"])) for found in (state(successor, each) for each in ORDERS)
    } == {((), ())}
    deployment.check()


def test_the_command_lists_the_gaps_of_all_workers_and_sets_them_aside(deployment: Deployment) -> None:
    workers = [deployment.worker(name, **LATE, stalled_completed="2s") for name in ("first", "second")]
    wait_for_lanes(*workers)
    settings = {"worker_url": f"http://127.0.0.1:{workers[0].port}", "worker_api_keys": KEY}
    nothing = heard(deployment, **settings)
    assert (nothing.exit_code, nothing.stdout) == (0, ""), nothing
    before = instant()
    deliver(deployment, "order.opened", placed_at=before)
    wait_until("all are incomplete", lambda: incomplete(deployment) == set(ORDERS), lambda: incomplete(deployment))

    found = heard(deployment, "-o", "json", **settings)
    assert found.exit_code == 1
    listed = json.loads(found.stdout)
    assert {(gap["order_id"], gap["name"], gap["kind"]) for gap in listed["gaps"]} == {
        (order, CREATED, "missing") for order in ORDERS
    }
    assert listed["orders"] == {"incomplete": len(ORDERS), "stalled": 0}
    assert listed["window"]["from"] < before < listed["window"]["to"]
    assert listed["window"]["guessed"] is False

    for order in ORDERS[1:]:
        done = heard(deployment, "ack", order, CREATED, "--reason", "asked", **settings)
        assert done.exit_code == 0, done
    left = json.loads(heard(deployment, "-o", "json", **settings).stdout)
    assert [gap["order_id"] for gap in left["gaps"]] == ORDERS[:1]
    deliver(deployment, CREATED, placed_at=before)
    deployment.wait_settled()
    assert heard(deployment, **settings).exit_code == 0
    deployment.check()
