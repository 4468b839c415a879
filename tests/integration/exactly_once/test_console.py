"""The console of two workers, each with some of the orders: one login, and any order at either worker."""

from urllib.parse import quote, urlencode

import pytest

from tests.integration.exactly_once.answers import answered
from tests.integration.exactly_once.deliveries import delivery
from tests.integration.exactly_once.deployment import KEY, Deployment, wait_for_lanes
from tests.integration.exactly_once.events import Event
from tests.integration.exactly_once.service import Answer, Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDERS

COUNT = 8
ITEMS = [{"id": "a", "product_id": "p", "quantity": 1}]
Workers = tuple[Service, Service]


def order_id(number: int) -> str:
    return f"order/{number}"


def happened(number: int, name: str, second: int) -> Event:
    order = order_id(number)
    payload = {"id": order, "external_id": f"EX{number}", "items": ITEMS, "customer_email": "ada@example.com"}
    return Event(f"{order}/{second}", name, second, payload, ORDERS, order, order)


@pytest.fixture
def workers(deployment: Deployment) -> Workers:
    """Two workers that have orders which were opened and completed, but never created."""
    events = [
        happened(number, f"order.{name}", at)
        for number in range(COUNT)
        for at, name in enumerate(("opened", "completed"))
    ]
    deployment.load.send_all(map(delivery, events))
    both = deployment.worker("first"), deployment.worker("second")
    wait_for_lanes(*both)
    deployment.wait_settled()
    return both


def post(worker: Service, path: str, cookie: str = "", **form: str) -> Answer:
    headers = {
        "Origin": f"http://127.0.0.1:{worker.port}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie,
    }
    return worker.request("POST", path, urlencode(form).encode(), headers)


def see(worker: Service, path: str, cookie: str) -> Answer:
    return answered(lambda: worker.get(path, Cookie=cookie))


def is_whole(worker: Service, cookie: str) -> bool:
    """Whether no list on the home page says that it cannot be told now."""
    home = worker.get("/console/", Cookie=cookie)
    assert home.status == 200
    return b"Ask again in a moment" not in home.body


def test_one_login_shows_every_order_at_every_worker(deployment: Deployment, workers: Workers) -> None:
    first, _ = workers
    assert first.get("/").headers["location"] == "/console/"
    assert first.get("/console/").status == 303
    cookie = post(first, "/console/login", key=KEY).headers["set-cookie"].partition(";")[0]
    for worker in workers:
        wait_until("each list is whole", lambda worker=worker: is_whole(worker, cookie))  # type: ignore[misc]
        for number in range(COUNT):
            path = f"/console/orders/{quote(order_id(number), safe='')}"
            page = see(worker, path, cookie)
            assert page.status == 200
            assert b"order.created</" in page.body.replace(b"<wbr>", b"")
            assert b"ada@example.com" not in page.body
        found = see(worker, "/console/search?q=ex5", cookie)
        assert found.headers["location"] == f"/console/orders/{quote(order_id(5), safe='')}"
    assert sum(worker.metric("bridge_sampled_delay_seconds_count") for worker in workers) > 0
    deployment.check()


def test_a_gap_is_set_aside_wherever_the_order_is(workers: Workers) -> None:
    cookie = post(workers[0], "/console/login", key=KEY).headers["set-cookie"].partition(";")[0]
    for number in range(COUNT):
        path = f"/console/orders/{quote(order_id(number), safe='')}"
        gap = f"{path}/gaps/order.created/ack"
        answer = answered(lambda gap=gap: post(workers[1], gap, cookie, reason="known to be lost"))  # type: ignore[misc]
        assert (answer.status, answer.headers["location"]) == (303, path)
        for worker in workers:
            wait_until(
                "it says so",
                lambda worker=worker, path=path: b"known to be lost" in worker.get(path, Cookie=cookie).body,  # type: ignore[misc]
            )
