"""Questions to two workers, each with some of the orders. Whichever is asked answers for all orders, or for none."""

import json
import signal
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.integration.exactly_once.answers import answered, asked, wait_for_answers
from tests.integration.exactly_once.deliveries import delivery
from tests.integration.exactly_once.deployment import BEARER, Deployment, wait_for_lanes
from tests.integration.exactly_once.events import Event
from tests.integration.exactly_once.service import Answer, Service
from tests.integration.waiting import wait_until
from tests.openapi import assert_told
from tests.programs.checker.names import ORDERS

COUNT = 24
HELD = range(0, COUNT, 3)
Workers = tuple[Service, Service]


def order_id(number: int) -> str:
    return f"order-{number:02d}"


def happened(order: str, name: str, second: int, **payload: Any) -> Event:
    return Event(f"{order}/{second}", name, second, payload, ORDERS, order, order)


def life(number: int) -> Iterator[Event]:
    """The events of an order that somebody may look for; every third one is on hold."""
    order, items = order_id(number), [{"id": f"{number}-a", "product_id": "p", "quantity": 1}]
    said = {"id": order, "external_id": f"00{number:02d}AB", "items": items, "customer_email": "ada@example.com"}
    yield happened(order, "order.created", 0, **said)
    yield happened(order, "order.opened", 10, **said)
    paid = [{"id": f"transaction-{number}", "amount": 10, "currency": "EUR"}]
    yield happened(order, "payment_account.amount_authorized", 20, id=order, transactions=paid)
    if number in HELD:
        yield happened(order, "order.items_on_hold", 100 + number, id=order, items=items)
        return
    parcel = [{**each, "tracking_code": f"1Z{number}", "carrier": "UPS"} for each in items]
    request = {"id": f"request-{number}", "order_id": order, "items": parcel}
    yield happened(order, "fulfillment_request.assigned", 30, **request, logical_timestamp=1)
    yield happened(order, "fulfillment_request.items_completed", 40, **request, logical_timestamp=2)
    yield happened(order, "order.completed", 50, id=order, items=[{**each, "status": "complete"} for each in items])
    yield happened(order, "return.processed", 60, id=f"return-{number}", order_id=order, items=items)


def exchange(number: int, returned: int) -> Event:
    """The creation of an order in exchange for a return."""
    exchanges = [{"order_id": order_id(returned), "return_id": f"return-{returned}"}]
    order = f"exchange-{number}"
    return happened(order, "order.created", 0, id=order, exchanges=exchanges)


@pytest.fixture
def workers(deployment: Deployment) -> Workers:
    return two(deployment)


def two(deployment: Deployment, **settings: str) -> Workers:
    """Two workers that have taken all these events."""
    blind = Event("blind", "return.processed", 5, {"id": "blind-1", "external_order_id": "X-1"}, ORDERS, "blind-1")
    refunds = happened("account-1", "payment_account.amount_refunded", 6, id="account-1", transactions=[])
    events = [each for number in range(COUNT) for each in life(number)]
    deployment.load.send_all(map(delivery, [*events, exchange(1, 4), exchange(2, 4), blind, refunds]))
    both = deployment.worker("first", **settings), deployment.worker("second", **settings)
    wait_for_lanes(*both)
    deployment.wait_settled()
    deployment.wait_judged()
    for worker in both:
        wait_for_answers(deployment, worker)
    return both


def ask(worker: Service, path: str, **parameters: str) -> Answer:
    return worker.get(f"{path}?{urlencode(parameters)}" if parameters else path, **BEARER)


def told(worker: Service, path: str, **parameters: str) -> Answer:
    """The worker's answer, once it can give one."""
    return answered(lambda: ask(worker, path, **parameters))


def same(workers: Workers, path: str, **parameters: str) -> dict[str, Any]:
    """What both workers answer. AssertionError: they differ, or their OpenAPI document does not tell all of it."""
    one, other = (told(worker, path, **parameters) for worker in workers)
    assert (one.status, other.status) == (200, 200), (one, other)
    document = json.loads(workers[0].get("/openapi.json").body)
    assert_told(document, path, one.status, one.headers, one.body)
    assert one.document == other.document
    assert one.headers["etag"] == other.headers["etag"]
    return one.document


def found(workers: Workers, **parameters: str) -> list[str]:
    return [each["order_id"] for each in same(workers, "/orders", **parameters)["orders"]]


def pages(worker: Service, **parameters: str) -> Iterator[list[str]]:
    """The orders, one page after the other."""
    after: dict[str, str] = {}
    while True:
        page = told(worker, "/orders", **parameters, **after).document
        yield [each["order_id"] for each in page["orders"]]
        if page["next"] is None:
            return
        after = {"after": page["next"]}


def test_whoever_is_asked_answers_for_all_orders(deployment: Deployment, workers: Workers) -> None:
    finished = [order_id(number) for number in range(COUNT) if number not in HELD]
    for by, value in (
        ("q", order_id(5)),
        ("external_id", "5ab"),
        ("q", "05aB"),
        ("return_id", "return-5"),
        ("request_id", "request-5"),
        ("transaction_id", "transaction-5"),
        ("tracking_code", "1Z5"),
        ("q", "1Z5"),
    ):
        assert found(workers, **{by: value}) == [order_id(5)], by
    assert found(workers, exchange_of=order_id(4)) == ["exchange-1", "exchange-2"]
    assert found(workers, q="nobody") == []
    assert sorted(found(workers, status="on_hold")) == [order_id(number) for number in HELD]
    assert found(workers, status="completed") == finished
    assert [each for page in pages(workers[0], status="completed", limit="5") for each in page] == finished
    held = list(pages(workers[1], status="on_hold", limit="3"))
    assert [len(page) for page in held] == [3, 3, 2]
    assert len({each for page in held for each in page}) == len(HELD)

    state = same(workers, f"/orders/{order_id(4)}")
    assert state["returns"]["return-4"]["settled_by_exchange"] == ["exchange-1", "exchange-2"]
    assert same(workers, f"/orders/{order_id(5)}")["returns"]["return-5"]["settled_by_exchange"] == []
    blind = same(workers, "/blind-returns")["blind_returns"]
    assert sorted((each["kind"], each["order_id"]) for each in blind if each["kind"] == "return") == [("return", None)]
    assert [each["order_id"] for each in blind if each["kind"] == "refund"] == ["account-1"]
    assert same(workers, "/blind-returns", external_id="x-1")["blind_returns"][0]["return_id"] == "blind-1"

    path = f"/orders/{order_id(5)}"
    timeline = same(workers, f"{path}/timeline", limit="4")
    assert timeline["entries"][0]["event"] == "order.created"
    rest = same(workers, f"{path}/timeline", limit="4", after=timeline["next"])
    assert (len(timeline["entries"]) + len(rest["entries"]), rest["next"]) == (timeline["count"], None)
    source = timeline["entries"][0]["source"]
    event = same(workers, f"{path}/events/{quote(source, safe='')}")
    assert (event["body"]["payload"]["id"], event["body"]["payload"]["customer_email"]) == (order_id(5), "•••")
    assert "ada@example.com" not in json.dumps(event)
    assert all(told(worker, f"{path}/events/0:999999").status == 404 for worker in workers)

    assert same(workers, "/gaps")["orders"].keys() == {"incomplete", "stalled"}
    seen = f"{deployment.settings.tenant}/order.created/{order_id(5)}"
    assert [each["deliveries"] for each in same(workers, "/seen", id=seen)["events"]] == [1]

    for worker, asked_for in product(workers, (path, f"/seen?id={seen}")):
        etag = told(worker, asked_for).headers["etag"]
        known = asked(worker, asked_for, **{"If-None-Match": etag})
        assert (known.status, known.body) == (304, b"")
    for worker in workers:
        assert worker.get("/orders?q=x").status == 401
        assert worker.get("/orders?q=x", Authorization="Bearer wrong").status == 401
        assert [ask(worker, "/orders", **odd).status for odd in (
            {"status": "lost"}, {"limit": "0"}, {"limit": "501"}, {"q": ""}, {"stalled": "1"}, {"after": "id.x"},
            {"status": "on_hold", "incomplete": "true"}, {"colour": "red"},
        )] == [400] * 8  # fmt: skip
    deployment.check()


def test_while_an_owner_is_away_no_list_looks_complete(deployment: Deployment) -> None:
    """The owner is frozen, and the group has not heard of that yet. Later the other worker takes everything over."""
    first, second = two(deployment, session_timeout="30s", test_standstill="600")
    before = told(second, "/orders", status="completed", limit="500").document
    first.signal(signal.SIGSTOP)
    answer = ask(second, "/orders?status=completed")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert f":{first.port}" in json.loads(answer.body)["detail"]

    def is_whole() -> bool:
        answer = ask(second, "/orders", status="completed", limit="500")
        assert answer.status == 503 or answer.document == before
        return answer.status == 200

    wait_until("all orders are there again", is_whole)
    first.signal(signal.SIGCONT)
    deployment.check()
