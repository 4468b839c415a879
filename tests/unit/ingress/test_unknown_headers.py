"""Headers that nobody has described: their names are logged once, and nothing else of them."""

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from ingress.answers import Unavailable
from ingress.unknown_headers import MOST_SPELLINGS, UnknownHeaders
from tests.unit.ingress.edges import BODY, KEY, Kafka, call, edge_with, request

PUBLISHED_WITH = ("Idempotency-Key", "Entity-Id", "Correlation-Ids")
BY_HTTP_AND_PROXIES = (
    *("Host", "User-Agent", "Content-Type", "content-length", "Accept-Encoding", "Authorization", "Connection"),
    *("traceparent", "tracestate", "baggage", "b3", "X-B3-TraceId", "X-Amzn-Trace-Id", "X-Request-ID"),
    *("Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-FORWARDED-PROTO", "X-Envoy-Attempt-Count", "CF-Ray"),
)


def told(lines: list[EventDict]) -> list[str]:
    """The text after the colon, of each line that has one."""
    return [found for line in lines if (found := str(line["event"]).partition(": ")[2])]


def look(headers: UnknownHeaders, *names: str) -> None:
    headers.look([(name.encode(), b"a value") for name in names])


@pytest.fixture
def headers() -> UnknownHeaders:
    return UnknownHeaders()


def test_a_name_is_told_once_however_it_is_spelt(headers: UnknownHeaders) -> None:
    with capture_logs() as lines:
        look(headers, "Host", *PUBLISHED_WITH)
        look(headers, *PUBLISHED_WITH, "Host")
        look(headers, "idempotency-key", "X-NewStore-Attempt")
    assert told(lines) == ['"idempotency-key", "entity-id", "correlation-ids"', '"x-newstore-attempt"']
    assert {line["log_level"] for line in lines} == {"info"}
    assert "a value" not in str(lines)


def test_what_http_and_the_way_here_add_is_no_news(headers: UnknownHeaders) -> None:
    with capture_logs() as lines:
        look(headers, *BY_HTTP_AND_PROXIES)
    assert lines == []


def test_the_log_does_not_grow_with_what_a_caller_invents(headers: UnknownHeaders) -> None:
    invented = [f"x-{number}" for number in range(3 * MOST_SPELLINGS)]
    with capture_logs() as lines:
        look(headers, *invented[: 2 * MOST_SPELLINGS])
        for name in invented[2 * MOST_SPELLINGS :]:
            look(headers, name)
    names = [name for line in told(lines) for name in line.split(", ")]
    assert len(names) == len(set(names)) == MOST_SPELLINGS
    assert [line["looked_at"] for line in lines if "looked_at" in line] == [MOST_SPELLINGS]


def test_a_long_name_is_cut_and_does_nothing_to_a_terminal(headers: UnknownHeaders) -> None:
    with capture_logs() as lines:
        headers.look([(b"x-\x1b[2J\xff\n" + b"y" * 200, b"")])
    [name] = told(lines)
    assert name.isprintable()
    assert len(name) < 100


async def test_the_headers_of_an_event_that_is_stored_are_looked_at() -> None:
    edge, _ = edge_with(Kafka())
    with capture_logs() as lines:
        assert (await call(edge, request(BODY, headers={**KEY, "Entity-Id": "personal"}))).status == 200
    assert told(lines) == ['"entity-id"']
    assert "personal" not in str(lines)


@pytest.mark.parametrize(
    ("kafka", "key", "body"),
    [
        (Kafka(), "wrong", BODY),
        (Kafka(), "right", b"no event"),
        (Kafka(raw=Unavailable("no broker")), "right", BODY),
    ],
    ids=["wrong key", "quarantined", "not stored"],
)
async def test_no_other_requests_headers_are_looked_at(kafka: Kafka, key: str, body: bytes) -> None:
    edge, _ = edge_with(kafka)
    with capture_logs() as lines:
        await call(edge, request(body, headers={"Authorization": f"Bearer {key}", "Entity-Id": "1"}))
    assert "entity-id" not in str(lines)
