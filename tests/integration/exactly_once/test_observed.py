"""What dashboards and alerts ask of a bridge that runs, through a Prometheus that scrapes it."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.observability.dashboards import expressions
from tests.deploy.observability.rules import alerts
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import BEARER, KEY, Deployment
from tests.integration.exactly_once.prometheus import Prometheus
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until

WEBHOOK: Final = "/webhooks/newstore"
PERSON: Final = "grace.hopper@example.com"
WRONG_KEY: Final = "a wrong key"
TOO_LARGE: Final = 8 << 20
SCRAPES: Final = 4
NOT_HERE: Final = {
    "bridge-engine: Certificates A": "there is no TLS",
    "bridge-engine: Topic settings that differ A": "none does",
    "bridge-engine: Records on which a handler failed A": "on none",
    "bridge-engine: Purged a second A": "nothing is old enough",
    "bridge-engine: Read by recoveries; the last one's duration A": "nothing was there to be read",
}
"""Panels that are empty where all is well and new."""


def deliver(ingress: Service, body: bytes, headers: dict[str, str] = BEARER) -> int:
    return ingress.request("POST", WEBHOOK, body, headers).status


def order_created(number: int, note: str = "", tenant: str = TENANT) -> bytes:
    payload = {"id": f"order-{number}", "note": note}
    envelope = {"tenant": tenant, "name": "order.created", "published_at": "2026-11-01T00:00:00Z", "payload": payload}
    return json.dumps(envelope).encode()


@pytest.fixture
def services(deployment: Deployment) -> tuple[Service, Service]:
    """An ingress and a worker that are ready."""
    ingress, worker = deployment.ingress(), deployment.worker("worker")
    for service in (ingress, worker):
        service.wait_ready()
    return ingress, worker


def firing(prometheus: Prometheus) -> set[str]:
    return {each["alertname"] for each in prometheus.query('ALERTS{alertstate="firing"}')}


def empty(prometheus: Prometheus) -> list[str]:
    """Panels that show nothing and should. Those that leave out what is 0 are asked, too."""
    shown = {each.where: (prometheus.query(each.expression), each.expression) for each in expressions()}
    return [
        where
        for where, (found, expression) in shown.items()
        if not found and "> 0" not in expression and where not in NOT_HERE
    ]


def test_every_panel_shows_something_and_each_fault_is_an_alarm(
    deployment: Deployment, services: tuple[Service, Service], tmp_path: Path
) -> None:
    """The alerts that need no time to be sure; what the others make of hours, promtool is asked."""
    ingress, worker = services
    with Prometheus(tmp_path, [ingress.port, worker.port]) as prometheus:
        prometheus.wait_for_scrapes(SCRAPES)
        for delivery in deployment.load.unsent(200):
            assert deliver(ingress, delivery.body) == 200
        assert deliver(ingress, order_created(1)) == 200
        deployment.wait_settled()
        prometheus.wait_for_scrapes(SCRAPES)
        before = firing(prometheus)
        wait_until("all panels show something", lambda: not empty(prometheus), lambda: empty(prometheus))
        assert before <= {"BridgeConflicts"}, "some of the deliveries contradict others"

        assert {deliver(ingress, b"{}", {"Authorization": f"Bearer {WRONG_KEY}"}) for _ in range(20)} == {401}
        assert deliver(ingress, order_created(2, tenant="another")) == 200
        assert deliver(ingress, order_created(1, note=PERSON)) == 200
        assert deliver(ingress, b" " * TOO_LARGE) == 400
        assert {deliver(ingress, b'{"no": json, "email": "%s"}' % PERSON.encode()) for _ in range(10)} == {200}
        expected = {"BridgeUnauthorized", "BridgeWrongTenant", "BridgeConflicts", "BridgeRejected"}
        wait_until("the alarms", lambda: firing(prometheus) >= expected, lambda: firing(prometheus))
        assert firing(prometheus) == expected
        holding = {rule["alert"] for rule in alerts() if prometheus.query(rule["expr"])}
        assert holding >= expected | {"BridgeQuarantineShare", "BridgeDeliveryLate"}
        wait_until("it counts", lambda: prometheus.query("bridge_conflicts_open > 0"))
    for service in services:
        written = service.log.read_text()
        assert "starts" in written.splitlines()[0]
        assert not [secret for secret in (KEY, WRONG_KEY, PERSON) if secret in written]
