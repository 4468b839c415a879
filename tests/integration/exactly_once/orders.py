"""Events of orders, and what the topic and a worker tell of these orders."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deliveries import TENANT, Delivery
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.service import Service
from tests.programs.checker.meaning import Meaning
from tests.programs.checker.names import ORDER_STATE

ORDERS = [f"o-{number}" for number in range(12)]
"""They are in all partitions."""
LONG_AGO = "2020-01-01T00:00:00Z"
"""For `orders_since`. These orders need not say when they were placed, so they might be from before any later time."""


def instant(ago: timedelta = timedelta(0)) -> str:
    """The time so long ago, RFC 3339."""
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event(order: str, name: str, delay: timedelta = timedelta(0), **payload: Any) -> Delivery:
    """An event of an order as NewStore sends it now, published so long ago."""
    said = {"id": order, "items": [], **payload}
    envelope = {"tenant": TENANT, "name": name, "published_at": instant(delay), "payload": said}
    meaning = Meaning(f"{order}/{name}", 0, "orders", order, order, key_documented=name == "order.created")
    return Delivery(name, json.dumps(envelope).encode(), meaning)


def deliver(deployment: Deployment, name: str, delay: timedelta = timedelta(0), **payload: Any) -> None:
    """Send this for each of `ORDERS`."""
    deployment.load.send_all(event(order, name, delay, **payload) for order in ORDERS)


def documents(deployment: Deployment) -> dict[str, list[dict[str, Any]]]:
    """The documents published of each order, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in deployment.records(ORDER_STATE):
        found.setdefault(str(record.key or b"", "utf-8"), []).append(json.loads(record.value or b""))
    return found


def state(worker: Service, order: str) -> dict[str, Any]:
    """The worker's answer for an order."""
    answer = asked(worker, f"/orders/{order}")
    assert answer.status == 200
    said: dict[str, Any] = json.loads(answer.body)
    return said
