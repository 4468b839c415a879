"""Each line of the status table, and what then lies in Kafka."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Mapping
from hashlib import blake2b
from pathlib import Path

import aiohttp
import pytest
from confluent_kafka import Producer

from schemas.events import EVENT_NAMES
from tests.integration.ingress.conftest import LIMIT, WEBHOOK, Body, Serve
from tests.integration.ingress.service import Ingress
from tests.integration.ingress.topic import Stored, stored

Topic = Callable[[str], list[Stored]]


@pytest.fixture
def topic(deployment: Mapping[str, str]) -> Topic:
    """Everything in one of the deployment's topics."""
    servers, prefix = deployment["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"], deployment["BRIDGE_TOPIC_PREFIX"]
    return lambda dataset: stored(servers, f"{prefix}.{dataset}.v1")


async def post(client: aiohttp.ClientSession, body: bytes, **headers: str) -> int:
    async with client.post(WEBHOOK, data=body, headers=headers) as response:
        return response.status


async def test_an_event_is_durable_byte_for_byte_when_200_comes(
    client: aiohttp.ClientSession, topic: Topic, body: Body
) -> None:
    event = body("order.created")
    assert await post(client, event) == 200
    (record,) = [record for record in topic("raw") if record.value == event]
    assert record.key == b"order.created"
    assert record.headers["ce_type"] == b"order.created"
    assert record.headers["ce_id"].startswith(b"acme/order.created/")
    seconds = record.timestamp_ms // 1000
    assert record.headers["bridge_received_at"].decode().endswith(f".{record.timestamp_ms - seconds * 1000:03d}Z")


async def test_a_second_delivery_is_stored_as_well(client: aiohttp.ClientSession, topic: Topic, body: Body) -> None:
    event = body()
    assert [await post(client, event) for _ in range(2)] == [200, 200]
    assert len([record for record in topic("raw") if record.value == event]) == 2


async def test_unknown_names_are_events_like_any_other(client: aiohttp.ClientSession, topic: Topic, body: Body) -> None:
    event = body("drone.landed")
    assert await post(client, event) == 200
    assert [record.key for record in topic("raw") if record.value == event] == [b"drone.landed"]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda event: event[:-1], b"invalid_json"),
        (lambda event: event.replace(b"payload", b"load"), b"invalid_payload"),
        (lambda event: b"[" + event + b"]", b"not_an_object"),
        (lambda event: event + b"\xff", b"not_utf8"),
    ],
)
async def test_a_body_that_is_no_envelope_is_quarantined_byte_for_byte(
    client: aiohttp.ClientSession, topic: Topic, body: Body, damage: Callable[[bytes], bytes], reason: bytes
) -> None:
    damaged = damage(body())
    assert await post(client, damaged) == 200
    (record,) = [record for record in topic("quarantine") if record.value == damaged]
    assert (record.key, record.headers["bridge_error_reason"]) == (None, reason)


async def test_another_tenants_event_is_quarantined(client: aiohttp.ClientSession, topic: Topic, body: Body) -> None:
    event = body(tenant="other")
    assert await post(client, event) == 200
    (record,) = [record for record in topic("quarantine") if record.value == event]
    assert record.headers["bridge_error_reason"] == b"other_tenant"


async def test_a_wrong_tenant_is_told_of_while_the_ingress_stays_ready(
    serve: Serve, deployment: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    with serve({**deployment, "BRIDGE_TENANT": "acme-staging"}, tmp_path) as ingress:
        ingress.wait_until_ready()
        url = f"http://127.0.0.1:{ingress.port}"
        async with aiohttp.ClientSession(url, headers={"Authorization": "Bearer right"}) as client:
            assert [await post(client, body()) for _ in range(3)] == [200, 200, 200]
        told = ingress.page("/readyz?verbose")
        assert "[!]tenant: all events" in told
        assert '"acme"' in told
        assert 'BRIDGE_TENANT is "acme-staging"' in told
        counted = 'bridge_ingress_quarantined_total{reason="other_tenant"} 3.0'
        ingress.wait_until_page("/metrics", counted)
        [line] = [json.loads(line) for line in ingress.log.splitlines() if "another tenant" in line]
        assert (line["configured"], line["seen"]) == ('"acme-staging"', '"acme"')


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_a_compressed_body_is_quarantined_as_it_came_over_the_wire(
    client: aiohttp.ClientSession, topic: Topic, body: Body, encoding: str
) -> None:
    """Also if it says gzip and is something else: nothing tries to decompress it."""
    wire = gzip.compress(body())
    assert await post(client, wire, **{"Content-Encoding": encoding}) == 200
    (record,) = [record for record in topic("quarantine") if record.value == wire]
    assert record.headers["bridge_error_reason"] == b"content_encoding"


async def test_no_header_of_the_request_becomes_a_header_of_the_bridge(
    client: aiohttp.ClientSession, topic: Topic, body: Body
) -> None:
    event = body()
    assert await post(client, event, bridge_accept="0:0", bridge_replay="0:0", ce_id="forged") == 200
    (record,) = [record for record in topic("raw") if record.value == event]
    assert not {"bridge_accept", "bridge_replay"} & record.headers.keys()
    assert record.headers["ce_id"] != b"forged"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_the_content_type_does_not_matter(
    client: aiohttp.ClientSession, topic: Topic, body: Body, content_type: str
) -> None:
    event = body()
    assert await post(client, event, **{"Content-Type": content_type}) == 200
    assert [record for record in topic("raw") if record.value == event]


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_rejected_with_a_stub_in_quarantine(
    client: aiohttp.ClientSession, topic: Topic, body: Body, chunked: bool
) -> None:
    large = body() + b" " * LIMIT

    async def pieces() -> AsyncIterator[bytes]:
        yield large

    before = len(topic("quarantine"))
    async with client.post(WEBHOOK, data=pieces() if chunked else large) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"
    assert len(topic("quarantine")) == before + 1
    digest = blake2b(large[:LIMIT], digest_size=16).hexdigest()
    (stub,) = [json.loads(record.value) for record in topic("quarantine") if digest.encode() in record.value]
    assert stub["truncated"]
    assert stub["size"] > LIMIT if chunked else stub["size"] == len(large)


async def test_a_body_of_just_the_limit_is_taken(client: aiohttp.ClientSession, topic: Topic, body: Body) -> None:
    event = body()
    padded = event + b" " * (LIMIT - len(event))
    assert await post(client, padded) == 200
    assert [record for record in topic("raw") if record.value == padded]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "right"}])
async def test_without_the_key_nothing_is_stored_and_it_is_counted(
    shared: Ingress, topic: Topic, body: Body, headers: dict[str, str]
) -> None:
    counter, event = 'bridge_ingress_requests_total{status="401"}', body()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{shared.port}") as anonymous:
        before = await metric(anonymous, counter)
        async with anonymous.post(WEBHOOK, data=event, headers=headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
        assert await metric(anonymous, counter) == before + 1
    assert not [record for dataset in ("raw", "quarantine") for record in topic(dataset) if record.value == event]


async def metric(client: aiohttp.ClientSession, series: str) -> float:
    """Its value now: the page is rendered once a second, and says when."""
    before = ""
    while True:
        async with client.get("/metrics") as response:
            lines, rendered = (await response.text()).splitlines(), response.headers["Last-Modified"]
        if before and rendered != before:
            return next((float(line.split()[-1]) for line in lines if line.startswith(series)), 0.0)
        before = before or rendered
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("key", ["old", "right"])
async def test_both_keys_open_while_they_are_rotated(client: aiohttp.ClientSession, body: Body, key: str) -> None:
    assert await post(client, body(), Authorization=f"Bearer {key}") == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", WEBHOOK, 405), ("PUT", WEBHOOK, 405), ("DELETE", "/metrics", 405), ("POST", "/", 404), ("GET", "/x", 404)],
)
async def test_other_paths_and_methods(client: aiohttp.ClientSession, method: str, path: str, status: int) -> None:
    async with client.request(method, path) as response:
        assert (response.status, response.content_type) == (status, "application/problem+json")


async def test_the_pages_for_operators_ask_for_no_key(shared: Ingress) -> None:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{shared.port}") as anonymous:
        for path in ("/livez", "/readyz", "/readyz?verbose", "/metrics", "/openapi.json"):
            async with anonymous.get(path) as response:
                assert response.status == 200, path
                assert await response.read(), path
            async with anonymous.head(path) as response:
                assert response.status == 200, path
                assert await response.read() == b"", path
        async with anonymous.get("/openapi.json") as response:
            assert WEBHOOK in (await response.json())["paths"]


async def test_each_event_is_counted_under_its_name(client: aiohttp.ClientSession, body: Body) -> None:
    known, unknown = (f'bridge_ingress_events_total{{event="{name}"}}' for name in ("gift_card.deactivated", "other"))
    before = [await metric(client, series) for series in (known, unknown)]
    for name in ("gift_card.deactivated", "drone.landed"):
        assert await post(client, body(name)) == 200
    assert [await metric(client, series) for series in (known, unknown)] == [count + 1 for count in before]


async def test_the_delay_from_publication_to_receipt_is_measured(client: aiohttp.ClientSession, body: Body) -> None:
    """Against NewStore's SLA of 15 minutes; an event without a time has no delay."""
    series = "bridge_delivery_delay_seconds_count"
    before = await metric(client, series)
    assert await post(client, body("gift_card.deactivated")) == 200
    assert await post(client, body("gift_card.deactivated", published_at="some day")) == 200
    assert await metric(client, series) == before + 1


async def test_events_lie_where_kafkas_default_partitioner_puts_them(
    client: aiohttp.ClientSession, deployment: Mapping[str, str], topic: Topic, body: Body
) -> None:
    """Downstream joins rely on it. librdkafka's murmur2_random is the Java client's."""
    events = {name: body(name) for name in EVENT_NAMES}
    for event in events.values():
        assert await post(client, event) == 200
    other = Producer(
        {
            "bootstrap.servers": deployment["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"],
            "partitioner": "murmur2_random",
        }
    )
    marker = events["order.created"][::-1]
    for name in EVENT_NAMES:
        other.produce(f"{deployment['BRIDGE_TOPIC_PREFIX']}.raw.v1", marker, name.encode())
    assert other.flush(60) == 0
    raw = topic("raw")
    ours = {record.key: record.partition for record in raw if record.value in events.values()}
    theirs = {record.key: record.partition for record in raw if record.value == marker}
    assert ours == theirs
    assert len(set(ours.values())) == 4
