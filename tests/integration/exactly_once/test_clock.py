"""Services whose clock is so far ahead or behind that Kafka refuses all of their records."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deliveries import deliveries
from tests.integration.exactly_once.deployment import KEY, Deployment
from tests.integration.exactly_once.orders import ORDERS, deliver
from tests.integration.waiting import wait_until
from tests.programs.chaos.clock import Clock

WEBHOOK = "/webhooks/newstore"
HEADERS = {"Authorization": f"Bearer {KEY}"}
HOUR_S = 3600
YEARS_S = timedelta(days=500).total_seconds()
"""Longer than orders are kept."""


@pytest.mark.parametrize(("refused_s", "taken_s"), [(1.1 * HOUR_S, 0.9 * HOUR_S), (-13 * HOUR_S, -11 * HOUR_S)])
def test_readiness_tells_that_nothing_is_acknowledged(
    deployment: Deployment, tmp_path: Path, refused_s: float, taken_s: float
) -> None:
    """`message.timestamp.after.max.ms` is an hour, `message.timestamp.before.max.ms` of raw half a day."""
    clock, event = Clock(tmp_path / "clock"), next(iter(deliveries(1))).body
    ingress = deployment.ingress(test_clock=str(clock.path))
    ingress.wait_ready()
    clock.set_ahead(refused_s)

    def refused_and_unready() -> bool:
        assert ingress.request("POST", WEBHOOK, event, HEADERS).status == 500
        return ingress.status("/readyz") == 503

    wait_until("it is unready", refused_and_unready)
    wait_until(
        "it says why",
        lambda: refused_and_unready() and b"acknowledged nothing" in ingress.get("/readyz?verbose").body,
        lambda: ingress.get("/readyz?verbose").body,
    )
    assert "INVALID_TIMESTAMP" in ingress.log.read_text()
    clock.set_ahead(taken_s)
    wait_until("it is taken again", lambda: ingress.request("POST", WEBHOOK, event, HEADERS).status == 200)
    ingress.wait_ready()


def test_a_worker_of_which_kafka_takes_nothing_forgets_no_order(deployment: Deployment, tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    worker = deployment.worker("worker", test_clock=str(clock.path))
    worker.wait_ready()
    deliver(deployment, "order.cancelled")  # nothing more is awaited, so that ticks only forget
    deployment.wait_settled()
    deployment.wait_judged()
    clock.set_ahead(YEARS_S)
    wait_until("what it forgets is refused", lambda: "INVALID_TIMESTAMP" in worker.log.read_text())
    clock.set_ahead(0)
    worker.wait_ready()
    assert {order: asked(worker, f"/orders/{order}").status for order in ORDERS} == dict.fromkeys(ORDERS, 200)
    deployment.check()
