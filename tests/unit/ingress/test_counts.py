"""What log and metrics tell of deliveries: how many were not taken or went to quarantine, why, and for which tenant."""

import time
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from bridge import metrics
from ingress.answers import Unavailable
from ingress.causes import DeliveryCause
from tests.unit.ingress.edges import BODY, Kafka, call, edge_with, refused, request


async def test_what_is_not_taken_is_counted_by_its_cause() -> None:
    away = Unavailable("nobody there", DeliveryCause.NO_CONNECTION)
    before, expected = (
        refused(),
        {DeliveryCause.NO_CONNECTION, DeliveryCause.UNEXPECTED, DeliveryCause.KEY, DeliveryCause.PATH},
    )
    await call(edge_with(Kafka(raw=away))[0], request(BODY))
    await call(edge_with(Kafka(raw=ZeroDivisionError("mistake")))[0], request(BODY))
    await call(edge_with(Kafka())[0], request(BODY, headers={}))
    await call(edge_with(Kafka())[0], request(method="GET", path="/nowhere"))
    assert {cause for cause, count in refused().items() if count == before[cause] + 1} == expected


async def test_what_kafka_does_not_take_is_one_line_of_the_log_and_one_when_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a line for each delivery, thousands of lines in an outage would hide other errors."""
    monkeypatch.setattr("ingress.outage.OVER_S", 0)
    kafka = Kafka(raw=Unavailable("nobody there", DeliveryCause.NO_CONNECTION))
    edge, _ = edge_with(kafka)
    with capture_logs() as lines:
        for _ in range(3):
            await call(edge, request(BODY))
        kafka.refused.clear()
        for _ in range(3):
            await call(edge, request(BODY))
    assert [line["log_level"] for line in lines] == ["warning", "info"]
    assert [line.get(DeliveryCause.NO_CONNECTION) for line in lines] == [None, 3]


def test_every_cause_has_a_series_before_it_occurs() -> None:
    assert refused().keys() == set(DeliveryCause)
    statuses = {sample.labels["status"] for sample in next(iter(metrics.ingress_requests_total.collect())).samples}
    assert statuses >= {"200", "400", "401", "404", "405", "429", "500"}


async def test_when_an_event_was_stored_last_is_a_metric() -> None:
    before = time.time()
    await call(edge_with(Kafka())[0], request(BODY))
    stored = metrics.ingress.registry.get_sample_value("bridge_ingress_last_event_timestamp_seconds")
    assert stored is not None
    assert before - 0.001 <= stored <= time.time()


async def test_how_long_newstore_took_to_deliver_is_told_in_seconds() -> None:
    def total() -> float:
        return metrics.ingress.registry.get_sample_value("bridge_delivery_delay_seconds_sum") or 0.0

    published = time.time() - 60
    event = BODY.replace(b"2024-01-01T00:00:00Z", datetime.fromtimestamp(published, UTC).isoformat().encode())
    before = total()
    await call(edge_with(Kafka())[0], request(event))
    assert total() - before == pytest.approx(60, abs=30)


@pytest.mark.parametrize(("name", "counted_as"), [("order.created", "order.created"), ("order.teleported", "other")])
async def test_an_event_is_counted_by_its_name_and_one_that_nobody_knows_is_taken_all_the_same(
    name: str, counted_as: str
) -> None:
    """If answered 500, NewStore would deliver it for ever."""

    def events() -> float | None:
        return metrics.ingress.registry.get_sample_value("bridge_ingress_events_total", {"event": counted_as})

    before = events()
    response = await call(edge_with(Kafka())[0], request(BODY.replace(b"order.created", name.encode())))
    assert (response.status, events()) == (200, (before or 0) + 1)


def quarantined(reason: str) -> float:
    return metrics.ingress.registry.get_sample_value("bridge_ingress_quarantined_total", {"reason": reason}) or 0.0


@pytest.mark.parametrize(
    ("body", "reason"),
    [(BODY.replace(b"acme", b"globex"), "other_tenant"), (b"{", "invalid_json"), (b"x" * 201, "too_large")],
)
async def test_what_goes_to_quarantine_is_counted_by_its_reason(body: bytes, reason: str) -> None:
    edge, _ = edge_with(Kafka())
    before = quarantined(reason)
    await call(edge, request(body))
    assert quarantined(reason) == before + 1


async def test_what_is_not_durable_is_not_counted_as_quarantined() -> None:
    edge, webhook = edge_with(Kafka(quarantine=Unavailable("away")))
    before = quarantined("other_tenant")
    await call(edge, request(BODY.replace(b"acme", b"globex")))
    assert quarantined("other_tenant") == before
    assert webhook.tenants.problem(time.monotonic()) is None


async def test_an_event_of_another_tenant_is_remembered_for_readiness() -> None:
    edge, webhook = edge_with(Kafka())
    await call(edge, request(BODY))
    assert webhook.tenants.problem(time.monotonic()) is None
    await call(edge, request(BODY.replace(b"acme", b"globex")))
    assert '"globex"' in (webhook.tenants.problem(time.monotonic()) or "")
