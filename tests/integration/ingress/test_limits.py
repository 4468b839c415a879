"""What the ingress holds back, and what Kafka itself refuses."""

import asyncio
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import aiohttp
import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from deploy.local.kafka import LocalKafka
from ingress.in_flight import least_in_flight_bytes
from tests.integration.ingress.conftest import KEY as BEARER
from tests.integration.ingress.conftest import LIMIT, WEBHOOK, Body, Serve, deployed
from tests.integration.ingress.service import Ingress
from tests.integration.ingress.topic import stored
from tests.integration.ingress.wire import KEY, Wire
from tests.integration.waiting import wait_until


@pytest.fixture
def tight(serve: Serve, deployment: Mapping[str, str], tmp_path: Path) -> Iterator[Ingress]:
    """An ingress that takes no more bytes at a time than two of the largest bodies have."""
    most = least_in_flight_bytes(LIMIT)
    with serve({**deployment, "BRIDGE_INGRESS_MAX_IN_FLIGHT_BYTES": str(most)}, tmp_path) as ingress:
        ingress.wait_until_ready()
        yield ingress


def test_bytes_that_have_arrived_count_and_announced_ones_do_not(tight: Ingress, body: Body) -> None:
    """Slow uploads keep others out only by the bytes that are here. When one is gone, so is its weight."""
    event = body().ljust(LIMIT)
    with Wire(tight.port) as slow, Wire(tight.port) as half:
        for each in (slow, half):
            assert announced(each) == 100
        slow.send(event[: LIMIT - 10])
        half.send(event[: LIMIT // 2])
        wait_until("another is refused", lambda: answered(tight) == 429, seconds=20)
        slow.send(b" " * 10)
        assert slow.answer()[0] == 200
        assert answered(tight) == 100
        assert deliver(tight, event) == 200


def announced(wire: Wire) -> int:
    """The answer to a body of the largest size before it is sent: 100, or 429 with Retry-After. It weighs nothing yet,
    so no other upload is refused for it."""
    wire.head(KEY, f"Content-Length: {LIMIT}", "Expect: 100-continue")
    status, headers = wire.answer()
    assert (status == 429) == ("retry-after" in headers)
    return status


def answered(ingress: Ingress) -> int:
    """The same, for a body that never comes."""
    with Wire(ingress.port) as wire:
        return announced(wire)


@pytest.fixture(scope="module")
def small(kafka: LocalKafka) -> Iterator[Mapping[str, str]]:
    """Topics made for smaller bodies than the ingress takes."""
    with deployed(kafka.bootstrap_servers, limit=1024) as environment:
        yield {**environment, "BRIDGE_INGRESS_MAX_BODY_BYTES": "1 MiB"}


@pytest.fixture(scope="module")
def mismatched(serve: Serve, small: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingress]:
    """An ingress on those topics."""
    with serve(small, tmp_path_factory.mktemp("small")) as ingress:
        ingress.wait_for_log("connected to Kafka")
        yield ingress


def deliver(ingress: Ingress, body: bytes) -> int:
    with Wire(ingress.port) as wire:
        wire.head(KEY, f"Content-Length: {len(body)}")
        wire.send(body)
        return wire.answer()[0]


def test_topics_that_are_not_as_they_must_be_make_it_unready(mismatched: Ingress) -> None:
    assert mismatched.status("/readyz") == 503


def too_large(seed: str) -> bytes:
    """A body too large for those topics. It does not compress, so Kafka has to find out."""
    noise = random.Random(seed).randbytes(300_000).hex()
    return b'{"tenant":"acme","name":"order.created","payload":{"id":"%s"}}' % noise.encode()


@pytest.mark.parametrize("is_event", [True, False])
def test_what_kafka_finds_too_large_is_rejected_with_a_stub(
    mismatched: Ingress, small: Mapping[str, str], is_event: bool
) -> None:
    """Raw or quarantine itself refuses it. The log names what to put right."""
    body = too_large("1") if is_event else b"no json" + too_large("2")
    assert deliver(mismatched, body) == 400
    servers, prefix = small["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"], small["BRIDGE_TOPIC_PREFIX"]
    stubs = stored(servers, f"{prefix}.quarantine.v1")
    assert {stub.headers["bridge_error_exception"] for stub in stubs} == {b"MESSAGE_TOO_LARGE"}
    assert len(body) in {json.loads(stub.value)["size"] for stub in stubs}
    assert stored(servers, f"{prefix}.raw.v1") == []
    assert "a record is refused for good" in mismatched.log


async def test_a_record_that_kafka_refuses_concerns_no_other(mismatched: Ingress, body: Body) -> None:
    """They share batches and a producer."""
    events = [body(f"order.{number}") for number in range(400)]
    refused = [too_large(f"{number}") for number in range(8)]

    async def deliver_all(client: aiohttp.ClientSession, bodies: list[bytes]) -> set[int]:
        statuses = set()
        for each in bodies:
            async with client.post(WEBHOOK, data=each) as answer:
                statuses.add(answer.status)
        return statuses

    async with aiohttp.ClientSession(f"http://127.0.0.1:{mismatched.port}", headers=BEARER) as client:
        honest = [deliver_all(client, events[number::8]) for number in range(8)]
        *rest, last = await asyncio.gather(*honest, deliver_all(client, refused))
    assert rest == [{200}] * 8
    assert last == {400}


def test_what_quarantine_does_not_take_either_is_never_rejected(
    serve: Serve, small: Mapping[str, str], tmp_path: Path
) -> None:
    """A compacted topic refuses records without a key, both the body and its stub: Kafka's INVALID_RECORD."""
    quarantine = ConfigResource(ResourceType.TOPIC, f"{small['BRIDGE_TOPIC_PREFIX']}.quarantine.v1")
    quarantine.add_incremental_config(
        ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET)
    )
    admin = AdminClient({"bootstrap.servers": small["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"]})
    for altered in admin.incremental_alter_configs([quarantine]).values():
        altered.result()
    with serve(small, tmp_path) as ingress:  # one that has logged nothing yet
        ingress.wait_for_log("connected to Kafka")
        wait_until(
            "it is answered 500", lambda: deliver(ingress, b"no json") == 500, seconds=30
        )  # the broker learns of it after its answer
        assert "INVALID_RECORD" in ingress.log
