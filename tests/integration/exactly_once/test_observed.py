"""What can be seen of a running bridge: spans, what dashboards and alerts ask for, and logs without secrets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.observability.dashboards import expressions
from tests.deploy.observability.rules import alerts
from tests.integration.alarms import Alarms
from tests.integration.exactly_once.collector import Collector
from tests.integration.exactly_once.deployment import KEY, Deployment
from tests.integration.exactly_once.mistaken import PERSON, WRONG_KEY, cause_faults, deliver, order_created
from tests.integration.exactly_once.prometheus import Prometheus
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import ORDERS, RAW, Names

SCRAPES: Final = 4
DELIVERIES: Final = 100
FIRING: Final = {"BridgeUnauthorized", "BridgeWrongTenant", "BridgeConflicts", "BridgeRejected"}
NOT_HERE: Final = {
    "bridge: Alerts that fire A": "none has to",
    "bridge: Certificate ends in A": "there is no TLS",
    "bridge-engine: Certificates in use, and when they end A": "there is no TLS",
    "bridge-engine: Topic settings that differ A": "none does",
    "bridge-engine: Records within an hour on which a handler failed, by topic A": "on none",
    "bridge-engine: Rows purged a second A": "nothing is old enough",
    "bridge-engine: Changelog records that recoveries read A": "nothing was there to be read",
    "bridge-engine: Duration of the last recovery, by worker A": "there was none",
}
"""Panels that are empty while all is well and new."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """The services send it their spans, several times a second."""
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "60")
        yield collector


@pytest.fixture
def services(deployment: Deployment, collector: Collector) -> tuple[Service, Service]:
    """An ingress and a worker that are ready, and trace."""
    ingress = deployment.ingress(tracing="otlp", ingress_ack_timeout="60s")  # a busy Kafka causes no refusals
    worker = deployment.worker("worker", tracing="otlp")
    for service in (ingress, worker):
        service.wait_ready()
    return ingress, worker


def firing(prometheus: Prometheus) -> set[str]:
    return {each["alertname"] for each in prometheus.query('ALERTS{alertstate="firing"}')}


def traced(collector: Collector, names: Names) -> str | None:
    """What the traces of all deliveries still lack; None: nothing."""
    delivered = {span.span_id for span in collector.spans("delivery")}
    units = [collector.spans(f"process {names.topic(dataset)}") for dataset in (RAW, ORDERS)]
    raw, orders = ({link.span_id for unit in found for link in unit.links} for found in units)
    if len(delivered) == DELIVERIES and raw == delivered and orders and orders <= delivered:
        return None
    return f"{len(delivered)} deliveries, {len(raw)} of them in a unit of raw, {len(orders)} in one of orders"


def empty(prometheus: Prometheus) -> list[str]:
    """Panels that show nothing and should. Those that leave out 0 are asked, too."""
    shown = {each.where: (prometheus.query(each.expression), each.expression) for each in expressions()}
    return [
        where
        for where, (found, expression) in shown.items()
        if not found and "> 0" not in expression and where not in NOT_HERE
    ]


def test_each_delivery_is_traced_every_panel_shows_something_and_each_fault_is_an_alarm(
    deployment: Deployment, services: tuple[Service, Service], collector: Collector, tmp_path: Path, alarms: Alarms
) -> None:
    """Prometheus raises the alerts that need no time to be sure; promtool is asked about those that need hours."""
    ingress, worker = services
    deliveries = [each.body for each in deployment.load.unsent(2 * DELIVERIES)]
    assert {deliver(ingress, body) for body in deliveries[:DELIVERIES]} == {200}
    names = deployment.names
    wait_until("all is traced", lambda: not traced(collector, names), lambda: traced(collector, names))
    with Prometheus(tmp_path, [ingress.port, worker.port]) as prometheus:
        prometheus.wait_for_scrapes(SCRAPES)
        assert {deliver(ingress, body) for body in [*deliveries[DELIVERIES:], order_created(1)]} == {200}
        deployment.wait_settled()
        wait_until("all panels show something", lambda: not empty(prometheus), lambda: empty(prometheus))
        assert firing(prometheus) <= {"BridgeConflicts"}, "some of the deliveries contradict others"
        alarms.was_well(ingress=ingress.page, worker=worker.page)
        cause_faults(ingress)
        wait_until("the alarms", lambda: firing(prometheus) == FIRING, lambda: firing(prometheus))
        holding = {rule["alert"] for rule in alerts() if prometheus.query(rule["expr"])}
        assert holding >= FIRING | {"BridgeQuarantineShare", "BridgeDeliveryLate"}
        wait_until("it counts", lambda: prometheus.query("bridge_conflicts_open > 0"))
        alarms.goes_on(ingress=ingress.page, worker=worker.page)
    for service in services:
        written = service.log.read_text()
        assert "starts" in written.splitlines()[0]
        assert not [secret for secret in (KEY, WRONG_KEY, PERSON) if secret in written]
    of_time = ("BridgeQuarantineShare warning", "BridgeDeliveryLate warning", "BridgeConflictsOpen warning")
    at_once = (
        "BridgeUnauthorized warning",
        "BridgeWrongTenant critical",
        "BridgeConflicts warning",
        "BridgeRejected warning",
    )
    alarms.assert_raised(*at_once, *of_time)
