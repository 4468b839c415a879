"""The edge and the webhook behind it, called with requests that no socket has seen."""

import asyncio
import copy
import gc
import json
import sys
import time
from datetime import timedelta
from typing import Any, cast

import pytest
from aiohttp import ClientConnectionResetError, web
from aiohttp.test_utils import make_mocked_request

from bridge import metrics
from bridge.intake import NewRecord, Question
from bridge.refusals import SettingsError
from bridge.settings import Settings
from ingress.answers import RecordRefused, Unavailable
from ingress.causes import Cause
from ingress.edge import WEBHOOK, Edge
from ingress.parser import MOST_BYTES, Parser
from ingress.webhook import Webhook
from ingress.writer import Writer
from schemas.acceptance import Accepted, Quarantined
from tests.unit.ingress.fakes import Content, Producer, connected, running
from tests.unit.ingress.fakes import Kafka as Connections

BODY = b'{"tenant":"acme","name":"order.created","published_at":"2024-01-01T00:00:00Z","payload":{"id":"7"}}'
COSTLY = BODY + b" " * MOST_BYTES
KEY = {"Authorization": "Bearer right"}
SETTINGS = Settings(tenant="acme", ingress_api_keys="old,right", ingress_max_body_bytes=200, ingress_max_in_flight=1)


IMPATIENT = Settings(tenant="acme", ingress_api_keys="right", ingress_ack_timeout=timedelta(milliseconds=500))


class Kafka:
    """The writer: keeps records, and raises for those of the topics in `refused`."""

    def __init__(self, **refused: Exception) -> None:
        self._refused = {f"newstore.{name}.v1": error for name, error in refused.items()}
        self.records: list[NewRecord] = []
        self.open = asyncio.Event()
        self.open.set()

    async def append(self, record: NewRecord) -> None:
        await self.open.wait()
        if record.topic in self._refused:
            raise copy.copy(self._refused[record.topic])
        self.records.append(record)


def edge_with(kafka: Kafka, settings: Settings = SETTINGS) -> tuple[Edge, Webhook]:
    async def page(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="page")

    webhook = Webhook(settings, cast("Writer", kafka))
    return Edge(webhook, {"/livez": page}), webhook


def request(
    *pieces: bytes, headers: dict[str, str] = KEY, method: str = "POST", path: str = WEBHOOK
) -> web.BaseRequest:
    return make_mocked_request(method, path, headers, payload=cast("Any", Content(*pieces)))


async def call(edge: Edge, incoming: web.BaseRequest) -> web.StreamResponse:
    return await edge(incoming)


def counted(status: int) -> float:
    return metrics.ingress.registry.get_sample_value("bridge_ingress_requests_total", {"status": str(status)}) or 0.0


async def test_a_durable_event_is_answered_200_and_counted() -> None:
    kafka = Kafka()
    edge, _ = edge_with(kafka)
    before = counted(200)
    assert (await call(edge, request(BODY))).status == 200
    assert [record.value for record in kafka.records] == [BODY]
    assert counted(200) == before + 1


async def test_a_costly_body_that_was_refused_is_not_stored_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parsing takes most of the time; the producer's patience begins afterwards and must end before ours."""
    settings, producer = IMPATIENT, Producer()

    async def ask(_parser: Parser, question: Question, body: bytes) -> Accepted | Quarantined:
        await asyncio.sleep(0.7 * settings.ingress_ack_timeout.total_seconds())  # as for others before this one
        return question(body)

    monkeypatch.setattr(Parser, "ask", ask)
    async with running(Connections(producer), settings.ingress_ack_timeout) as writer:
        await connected(writer)
        edge = Edge(Webhook(settings, writer), {})
        assert (await call(edge, request(COSTLY))).status == 500
        assert producer.given_up == [[COSTLY]]


async def test_a_costly_body_whose_turn_comes_too_late_is_not_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka, turn = Kafka(), asyncio.Event()
    edge, _ = edge_with(kafka, IMPATIENT)

    async def ask(_parser: Parser, question: Question, body: bytes) -> Accepted | Quarantined:
        await turn.wait()
        return question(body)

    monkeypatch.setattr(Parser, "ask", ask)
    response = await call(edge, request(COSTLY))
    turn.set()
    assert (response.status, response.headers["Retry-After"]) == (500, "1")
    assert (await call(edge, request(COSTLY + b" "))).status == 200
    assert [record.value for record in kafka.records] == [COSTLY + b" "]


async def test_no_body_is_kept_once_it_is_answered_whatever_the_answer() -> None:
    """With the collector off: a cycle would keep it until the collector's next long round."""
    bodies = [BODY + b" " * number for number in range(4)]  # each an object of its own
    refused = RecordRefused("MESSAGE_TOO_LARGE")
    edges = [edge_with(Kafka())[0], edge_with(Kafka(raw=refused))[0], edge_with(Kafka(raw=Unavailable("gone")))[0]]
    edges.append(edge_with(Kafka(), Settings(tenant="acme", ingress_api_keys="right", ingress_max_body_bytes=10))[0])
    gc.collect()
    gc.disable()
    try:
        before = [sys.getrefcount(body) for body in bodies]
        answers = [await call(edge, request(body)) for edge, body in zip(edges, bodies, strict=True)]
        assert [answer.status for answer in answers] == [200, 400, 500, 400]
        edges.clear()  # with what the writers keep
        assert [sys.getrefcount(body) for body in bodies] == before
    finally:
        gc.enable()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_without_the_key_the_body_is_not_read_and_nothing_is_stored(headers: dict[str, str]) -> None:
    kafka = Kafka()
    edge, _ = edge_with(kafka)
    body = Content(BODY)
    incoming = make_mocked_request("POST", WEBHOOK, headers, payload=cast("Any", body))
    before = counted(401)
    response = await call(edge, incoming)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert body.read == 0
    assert kafka.records == []
    assert counted(401) == before + 1


@pytest.mark.parametrize("key", ["old", "right"])
async def test_while_keys_are_rotated_both_open(key: str) -> None:
    edge, _ = edge_with(Kafka())
    assert (await call(edge, request(BODY, headers={"Authorization": f"Bearer {key}"}))).status == 200


def test_without_keys_it_does_not_start() -> None:
    with pytest.raises(SettingsError, match="BRIDGE_INGRESS_API_KEYS"):
        edge_with(Kafka(), Settings(tenant="acme"))


async def test_anonymous_callers_are_served_if_that_was_asked_for() -> None:
    edge, _ = edge_with(Kafka(), Settings(tenant="acme", ingress_allow_anonymous=True))
    assert (await call(edge, request(BODY, headers={}))).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", WEBHOOK, 405, "POST"),
        ("POST", "/livez", 405, "GET"),
        ("POST", "/", 404, None),
        ("GET", f"{WEBHOOK}/", 404, None),
    ],
)
async def test_other_paths_and_methods_are_problems_of_their_own(
    method: str, path: str, status: int, allow: str | None
) -> None:
    edge, _ = edge_with(Kafka())
    response = await call(edge, request(method=method, path=path))
    assert (response.status, response.headers.get("Allow")) == (status, allow)
    assert response.content_type == "application/problem+json"


async def test_a_query_does_not_change_the_path() -> None:
    edge, _ = edge_with(Kafka())
    assert (await call(edge, request(BODY, path=f"{WEBHOOK}?a=b"))).status == 200


async def test_pages_are_answered_without_a_key() -> None:
    edge, _ = edge_with(Kafka())
    page = await call(edge, request(method="GET", path="/livez", headers={}))
    assert isinstance(page, web.Response)
    assert page.text == "page"


async def test_what_is_not_known_to_be_durable_is_answered_500_with_retry_after() -> None:
    edge, _ = edge_with(Kafka(raw=Unavailable("no broker")))
    response = await call(edge, request(BODY))
    assert (response.status, response.headers["Retry-After"]) == (500, "1")
    assert isinstance(response, web.Response)
    assert isinstance(response.body, bytes)
    assert json.loads(response.body)["title"] == "Not stored"


def refused() -> dict[str, float]:
    """Deliveries that were not taken, by cause."""
    (family,) = metrics.ingress_refused_total.collect()
    return {sample.labels["cause"]: sample.value for sample in family.samples}


async def test_what_is_not_taken_is_counted_by_its_cause() -> None:
    away = Unavailable("nobody there", Cause.NO_CONNECTION)
    before, expected = refused(), {Cause.NO_CONNECTION, Cause.UNEXPECTED, Cause.KEY}
    await call(edge_with(Kafka(raw=away))[0], request(BODY))
    await call(edge_with(Kafka(raw=ZeroDivisionError("mistake")))[0], request(BODY))
    await call(edge_with(Kafka())[0], request(BODY, headers={}))
    await call(edge_with(Kafka())[0], request(method="GET", path="/nowhere"))
    assert {cause for cause, count in refused().items() if count == before[cause] + 1} == expected


async def test_who_is_gone_before_it_is_told_to_go_on_has_sent_no_body() -> None:
    """It is no mistake of ours, which is an alarm."""
    incoming = request(b"{", b"}", headers={**KEY, "Expect": "100-continue"})
    incoming.writer.write.side_effect = ClientConnectionResetError()  # type: ignore[attr-defined]  # a mock
    before = refused()
    assert (await call(edge_with(Kafka())[0], incoming)).status == 500
    assert [cause for cause, count in refused().items() if count > before[cause]] == [Cause.BODY_NOT_RECEIVED]


def test_every_cause_has_a_series_before_it_occurs() -> None:
    assert refused().keys() == set(Cause)
    statuses = {sample.labels["status"] for sample in next(iter(metrics.ingress_requests_total.collect())).samples}
    assert statuses >= {"200", "400", "401", "429", "500"}


async def test_when_an_event_was_stored_last_is_a_metric() -> None:
    before = time.time()
    await call(edge_with(Kafka())[0], request(BODY))
    stored = metrics.ingress.registry.get_sample_value("bridge_ingress_last_event_timestamp_seconds")
    assert stored is not None
    assert before - 0.001 <= stored <= time.time()


async def test_a_mistake_of_ours_is_answered_500_with_retry_after() -> None:
    edge, _ = edge_with(Kafka(raw=ZeroDivisionError("mistake")))
    response = await call(edge, request(BODY))
    assert (response.status, response.headers["Retry-After"]) == (500, "1")


async def test_a_body_over_the_limit_is_rejected_once_its_stub_is_durable() -> None:
    kafka = Kafka()
    edge, _ = edge_with(kafka)
    response = await call(edge, request(b"x" * 500, headers=KEY | {"Content-Length": "500"}))
    (stub,) = kafka.records
    assert response.status == 400
    assert json.loads(stub.value)["size"] == 500
    assert stub.topic == "newstore.quarantine.v1"


@pytest.mark.parametrize("trouble", [Unavailable("no broker"), RecordRefused("InvalidRecordError")])
async def test_without_its_stub_a_body_over_the_limit_is_not_rejected(trouble: Exception) -> None:
    edge, _ = edge_with(Kafka(quarantine=trouble))
    response = await call(edge, request(b"x" * 500))
    assert response.status == 500
    assert "Retry-After" in response.headers


async def test_a_record_that_kafka_refuses_is_rejected_once_its_stub_is_durable() -> None:
    kafka = Kafka(raw=RecordRefused("MessageSizeTooLargeError"))
    edge, _ = edge_with(kafka)
    assert (await call(edge, request(BODY))).status == 400
    (stub,) = kafka.records
    assert dict(stub.headers)["bridge_error_exception"] == b"MessageSizeTooLargeError"


async def test_more_than_the_allowed_requests_are_told_to_come_again() -> None:
    kafka = Kafka()
    kafka.open.clear()
    edge, _ = edge_with(kafka)
    waiting = asyncio.create_task(call(edge, request(BODY)))
    while not edge.busy:
        await asyncio.sleep(0)
    response = await call(edge, request(BODY))
    assert (response.status, response.headers["Retry-After"]) == (429, "1")
    kafka.open.set()
    assert (await waiting).status == 200
    assert (await call(edge, request(BODY))).status == 200


async def test_while_draining_nothing_new_is_taken_and_what_is_in_flight_is_finished() -> None:
    kafka = Kafka()
    kafka.open.clear()
    edge, webhook = edge_with(kafka)
    waiting = asyncio.create_task(call(edge, request(BODY)))
    while not edge.busy:
        await asyncio.sleep(0)
    webhook.draining = True
    late = await call(edge, request(BODY))
    assert late.status == 500
    assert edge.busy
    kafka.open.set()
    assert (await waiting).status == 200
    assert not edge.busy
    assert len(kafka.records) == 1


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
