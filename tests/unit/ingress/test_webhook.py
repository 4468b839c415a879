"""The answer to a delivery, by what became of it: stored, put aside, neither, or not known."""

import asyncio
import gc
import json
import sys
import time
from datetime import timedelta

import pytest
from aiohttp import ClientConnectionResetError, web
from structlog.testing import capture_logs

from bridge.intake import Question
from bridge.settings import Settings
from bridge.tracing import NoSpans
from ingress.answers import RecordRefused, Unavailable
from ingress.causes import DeliveryCause
from ingress.edge import Edge
from ingress.parser import MOST_BYTES, Parser
from ingress.webhook import Webhook
from schemas.acceptance import Accepted, Quarantined
from tests.unit.ingress.edges import BODY, KEY, Kafka, call, counted, edge_with, refused, request
from tests.unit.ingress.fakes import Kafka as Connections
from tests.unit.ingress.fakes import Producer, connected, running

COSTLY = BODY + b" " * MOST_BYTES
IMPATIENT = Settings(tenant="acme", ingress_api_keys="right", ingress_ack_timeout=timedelta(milliseconds=500))


async def test_a_durable_event_is_answered_200_and_counted() -> None:
    kafka = Kafka()
    edge, _ = edge_with(kafka)
    before = counted(200)
    assert (await call(edge, request(BODY))).status == 200
    assert [record.value for record in kafka.records] == [BODY]
    assert counted(200) == before + 1


async def test_a_costly_body_that_was_refused_is_not_stored_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing the body takes most of the time. The producer's patience begins afterwards and must end before the
    webhook's."""
    settings, producer = Settings(tenant="acme", ingress_api_keys="right"), Producer()
    ack_timeout, passed, monotonic = settings.ingress_ack_timeout, [0.0], time.monotonic

    async def ask(_parser: Parser, question: Question, body: bytes) -> Accepted | Quarantined:
        passed.append(0.7 * ack_timeout.total_seconds())  # the parser works on earlier bodies
        return question(body)

    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + sum(passed))  # also the event loop's
    monkeypatch.setattr(Parser, "ask", ask)
    async with running(Connections(producer), ack_timeout) as writer:
        await connected(writer)
        edge = Edge(Webhook(settings, writer, NoSpans()), {})
        answer = asyncio.create_task(call(edge, request(COSTLY)))
        await producer.batches(1)
        passed.append(0.4 * ack_timeout.total_seconds())  # with the parsing more than the timeout, which began again
        assert await asyncio.wait({answer}, timeout=0.01) == (set(), {answer})
        passed.append(0.55 * ack_timeout.total_seconds())
        assert (await answer).status == 500
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
    """With the collector off: a cycle would keep the body until the collector's next long round."""
    bodies = [BODY + b" " * number for number in range(4)]  # each an object of its own
    refused = RecordRefused("INVALID_RECORD")
    edges = [edge_with(Kafka())[0], edge_with(Kafka(raw=refused))[0], edge_with(Kafka(raw=Unavailable("gone")))[0]]
    edges.append(edge_with(Kafka(), Settings(tenant="acme", ingress_api_keys="right", ingress_max_body_bytes=10))[0])
    gc.collect()
    gc.disable()
    try:
        before = [sys.getrefcount(body) for body in bodies]
        answers = [await call(edge, request(body)) for edge, body in zip(edges, bodies, strict=True)]
        assert [answer.status for answer in answers] == [200, 400, 500, 400]
        edges.clear()  # and what their writers keep
        assert [sys.getrefcount(body) for body in bodies] == before
    finally:
        gc.enable()


async def test_what_is_not_known_to_be_durable_is_answered_500_with_retry_after() -> None:
    edge, _ = edge_with(Kafka(raw=Unavailable("no broker")))
    response = await call(edge, request(BODY))
    assert (response.status, response.headers["Retry-After"]) == (500, "1")
    assert isinstance(response, web.Response)
    assert isinstance(response.body, bytes)
    assert json.loads(response.body)["title"] == "Not stored"


async def test_who_is_gone_before_it_is_told_to_go_on_has_sent_no_body() -> None:
    """A caller that has gone is not our mistake, which would raise an alarm."""
    incoming = request(b"{", b"}", headers={**KEY, "Expect": "100-continue"})
    incoming.writer.write.side_effect = ClientConnectionResetError()  # type: ignore[attr-defined]  # a mock
    before = refused()
    assert (await call(edge_with(Kafka())[0], incoming)).status == 500
    assert [cause for cause, count in refused().items() if count > before[cause]] == [DeliveryCause.BODY_NOT_RECEIVED]


async def test_a_mistake_of_ours_is_answered_500_with_retry_after() -> None:
    edge, _ = edge_with(Kafka(raw=ZeroDivisionError("mistake")))
    with capture_logs() as logs:
        response = await call(edge, request(BODY))
    assert (response.status, response.headers["Retry-After"]) == (500, "1")
    [error] = [log["exc_info"] for log in logs if log["event"] == "unexpected error"]
    assert isinstance(error, ZeroDivisionError)  # its traceback says where the mistake is


async def test_a_body_over_the_limit_is_rejected_once_its_stub_is_durable() -> None:
    kafka = Kafka()
    edge, _ = edge_with(kafka)
    response = await call(edge, request(b"x" * 500, headers=KEY | {"Content-Length": "500"}))
    (stub,) = kafka.records
    assert response.status == 400
    assert json.loads(stub.value)["size"] == 500
    assert stub.topic == "newstore.quarantine.v1"


async def test_nor_does_what_it_declares_keep_it_out_while_others_are_in_flight() -> None:
    """The body never fits, so the sender would be told for ever to come again."""
    edge, webhook = edge_with(Kafka())
    with webhook._in_flight.hold() as other:
        other.add(1)
        assert (await call(edge, request(b"x" * 500, headers=KEY | {"Content-Length": "1000000000"}))).status == 400


@pytest.mark.parametrize("trouble", [Unavailable("no broker"), RecordRefused("INVALID_RECORD")])
async def test_without_its_stub_a_body_over_the_limit_is_not_rejected(trouble: Exception) -> None:
    edge, _ = edge_with(Kafka(quarantine=trouble))
    response = await call(edge, request(b"x" * 500))
    assert response.status == 500
    assert "Retry-After" in response.headers


async def test_a_record_that_kafka_refuses_is_rejected_once_its_stub_is_durable() -> None:
    kafka = Kafka(raw=RecordRefused("INVALID_RECORD"))
    edge, _ = edge_with(kafka)
    assert (await call(edge, request(BODY))).status == 400
    (stub,) = kafka.records
    assert dict(stub.headers)["bridge_error_exception"] == b"INVALID_RECORD"
