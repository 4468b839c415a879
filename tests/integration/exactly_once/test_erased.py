"""`bridge erase`: what it finds, what it removes, what it leaves and until when, and that nothing brings orders
back."""

import json
import signal
from typing import Any

from processors.orders.gone import GONE
from processors.worker.other_deployments import KAFKA_CLUSTER
from tests.integration.exactly_once.answers import asked, wait_for_answers
from tests.integration.exactly_once.command import Result
from tests.integration.exactly_once.deployment import BEARER, Deployment, wait_for_lanes
from tests.integration.exactly_once.orders import ORDERS, deliver, event
from tests.integration.exactly_once.service import Service
from tests.integration.exactly_once.test_forgotten import last, rows
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDER_STATE

ADA: dict[str, Any] = {"customer_id": "c-1", "customer_email": "ada@example.com", "external_id": "00E-1"}
ADAS = ORDERS[:3]


def deliver_all(deployment: Deployment) -> None:
    """Create and complete all `ORDERS`; three are Ada's."""
    deployment.load.send_all(event(order, "order.created", **ADA) for order in ADAS)
    deployment.load.send_all(event(order, "order.created", customer_id="c-2") for order in ORDERS[3:])
    deliver(deployment, "order.completed")


def erase(deployment: Deployment, worker: Service, *arguments: str) -> Result:
    settings = {"worker_url": f"http://127.0.0.1:{worker.port}"}
    return deployment.command("erase", *arguments, **settings).result()


def document(result: Result) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(result.stdout)
    return said


def test_a_customers_orders_are_erased_at_whichever_worker_and_stay_so(deployment: Deployment) -> None:
    deliver_all(deployment)
    planning = deployment.command("erase", "--customer", "ADA@example.com", "-o", "json")  # waits for the workers
    workers = [deployment.worker(name) for name in ("first", "second")]
    planned = planning.result()
    wait_for_lanes(*workers)
    assert (planned.exit_code, "needs --yes" in planned.stderr) == (2, True)
    plan = document(planned)
    assert [each["order_id"] for each in plan["orders"]] == sorted(ADAS)
    assert {each["events"] for each in plan["orders"]} == {2}
    topics = deployment.settings.topics
    assert {each["topic"] for each in plan["records"]} == {topics.raw, topics.orders}
    assert len(plan["records"]) == 2 * 2 * len(ADAS)
    assert all(each["gone_by"] for each in plan["records"])

    done = erase(deployment, workers[0], "--customer", "ada@example.com", "--yes")
    assert (done.exit_code, "3 erased" in done.stderr) == (0, True)
    for worker in workers:  # right after the answer
        worker.signal(signal.SIGKILL)
        worker.wait()

    successor = deployment.worker("successor")  # with nothing but Kafka
    successor.wait_ready()
    deployment.load.send_again()
    deployment.load.send_all(event(order, "order.items_on_hold", **ADA) for order in ADAS)
    deployment.wait_settled()
    states = last(deployment, ORDER_STATE)
    assert {key.decode() for key, state in states.items() if state is None} == set(ADAS)
    changelog = last(deployment, "orders-changelog")
    for told in (b"c-1", b"ada@example.com", b"00E-1", b"e-1"):
        assert [key for key, row in changelog.items() if row is not None and told in key + row] == []
    assert len([key for key in rows(deployment) if key.startswith(GONE)]) == len(ADAS)
    answer = asked(successor, f"/orders/{ADAS[0]}")
    assert (answer.status, "it was erased at" in json.loads(answer.body)["detail"]) == (404, True)
    wait_until("the others are counted", lambda: successor.metric("bridge_orders{") == len(ORDERS) - len(ADAS))

    again = erase(deployment, successor, "--customer", "c-1", "--yes")
    assert (again.exit_code, "nothing to do" in again.stderr) == (0, True)


def test_a_worker_of_another_kafka_erases_nothing_for_us(deployment: Deployment) -> None:
    """Prefix and tenant may be the same in another Kafka, as in staging and production: its order was once erased."""
    deliver_all(deployment)
    worker = deployment.worker("worker")
    deployment.wait_settled()
    wait_for_answers(deployment, worker)
    foreign = BEARER | {KAFKA_CLUSTER: "staging"}
    assert worker.request("POST", f"/orders/{ADAS[0]}/erase", b"{}", foreign).status == 421
    assert asked(worker, f"/orders/{ADAS[0]}").status == 200
    done = erase(deployment, worker, "--order", ADAS[0], "--yes")  # the command says which Kafka it has asked
    assert (done.exit_code, "1 erased" in done.stderr) == (0, True), done.stderr


def test_an_order_of_which_nothing_is_known_can_be_erased_before_it_comes(deployment: Deployment) -> None:
    worker = deployment.worker("worker")
    worker.wait_ready()
    done = erase(deployment, worker, "--order", "o-0", "--yes")
    assert (done.exit_code, "nothing is kept of it" in done.stdout) == (0, True)
    deliver_all(deployment)
    deployment.wait_settled()
    wait_for_answers(deployment, worker)
    assert asked(worker, "/orders/o-0").status == 404
    assert asked(worker, "/orders/o-1").status == 200
