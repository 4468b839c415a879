"""Kafka hangs, dies and comes back, while deliveries go on."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import aiohttp
import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.alarms import Alarms
from tests.integration.broker_signals import frozen
from tests.integration.ingress.conftest import KEY, WEBHOOK, Body, Serve, deployed
from tests.integration.ingress.service import Ingress
from tests.integration.ingress.topic import stored

IN_FLIGHT = 4


@pytest.fixture(scope="module")
def impatient(second_kafka: LocalKafka) -> Iterator[Mapping[str, str]]:
    """An environment in which a silent producer is soon replaced, but not before all of a few requests have come."""
    with deployed(second_kafka.bootstrap_servers) as environment:
        yield {**environment, "BRIDGE_INGRESS_ACK_TIMEOUT": "6 s", "BRIDGE_INGRESS_MAX_IN_FLIGHT": str(IN_FLIGHT)}


@pytest.fixture(scope="module")
def ingress(serve: Serve, impatient: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingress]:
    """A ready ingress on that broker; each outage leaves it as ready as it was."""
    with serve(impatient, tmp_path_factory.mktemp("outage")) as ingress:
        ingress.wait_until_ready()
        yield ingress


async def post(port: int, *bodies: bytes) -> list[int]:
    """Deliver all at once; their statuses, in order."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=KEY) as client:

        async def one(body: bytes) -> int:
            async with client.post(WEBHOOK, data=body) as response:
                assert response.status == 200 or "Retry-After" in response.headers
                return response.status

        return list(await asyncio.gather(*map(one, bodies)))


async def taken_again(port: int, event: bytes) -> None:
    """Deliver one event until it is taken, as NewStore does."""
    async with asyncio.timeout(60):
        while await post(port, event) != [200]:
            await asyncio.sleep(0.1)


def raw_values(environment: Mapping[str, str]) -> list[bytes]:
    servers, prefix = environment["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"], environment["BRIDGE_TOPIC_PREFIX"]
    return [record.value for record in stored(servers, f"{prefix}.raw.v1")]


async def test_while_kafka_hangs_few_wait_and_the_rest_are_told_to_come_again(
    mortal_kafka: LocalKafka, ingress: Ingress, impatient: Mapping[str, str], body: Body, alarms: Alarms
) -> None:
    events = [body() for _ in range(2 * IN_FLIGHT)]
    alarms.was_well(ingress=lambda: ingress.page("/metrics"))
    with frozen(mortal_kafka):
        statuses = await post(ingress.port, *events)
        assert sorted(statuses) == [429] * IN_FLIGHT + [500] * IN_FLIGHT
        assert await post(ingress.port, body()) == [500]
        alarms.goes_on_as(ingress=ingress.page("/metrics"))
    last = body()
    await taken_again(ingress.port, last)
    assert last in raw_values(impatient)
    burn = ("BridgeAvailabilityBurn critical", "BridgeAvailabilityBurn warning")
    alarms.assert_raised("BridgeTooMuchInFlight warning", "BridgeNotAcknowledged critical", *burn)


async def test_what_was_refused_while_kafka_was_gone_is_not_stored_when_it_comes_back(
    mortal_kafka: LocalKafka, ingress: Ingress, impatient: Mapping[str, str], body: Body
) -> None:
    """aiokafka's idempotent producer would keep it for ever: this fails if `KafkaProducer.abandon` lets it."""
    refused = [body() for _ in range(IN_FLIGHT)]
    mortal_kafka.kill()
    assert await post(ingress.port, *refused) == [500] * IN_FLIGHT
    mortal_kafka.start()
    last = body()
    await taken_again(ingress.port, last)
    ingress.wait_until_ready()
    values = raw_values(impatient)
    assert last in values
    assert not set(refused) & set(values)


async def test_a_broker_killed_under_load_costs_no_event_that_was_answered_200(
    mortal_kafka: LocalKafka, ingress: Ingress, impatient: Mapping[str, str], body: Body
) -> None:
    answered: list[bytes] = []
    back = asyncio.Event()

    async def sender() -> None:
        taken_since = 0
        while taken_since < 20:
            event = body()
            if await post(ingress.port, event) == [200]:
                answered.append(event)
                taken_since += back.is_set()
            await asyncio.sleep(0.01)

    async def outage() -> None:
        while len(answered) < 20:
            await asyncio.sleep(0.01)
        mortal_kafka.kill()
        await asyncio.to_thread(mortal_kafka.start)
        back.set()

    await asyncio.gather(*(sender() for _ in range(IN_FLIGHT - 1)), outage())
    assert not set(answered) - set(raw_values(impatient))


async def test_the_end_is_in_order_even_if_kafka_hangs(
    serve: Serve, mortal_kafka: LocalKafka, impatient: Mapping[str, str], tmp_path: Path, body: Body
) -> None:
    with serve({**impatient, "BRIDGE_INGRESS_ACK_TIMEOUT": "60s"}, tmp_path) as ingress:  # so that it is seen to wait
        ingress.wait_until_ready()
        with frozen(mortal_kafka):
            waiting = asyncio.create_task(post(ingress.port, body()))
            await asyncio.to_thread(ingress.wait_until_busy)
            ingress.terminate()
            assert await waiting == [500]
            assert await asyncio.to_thread(ingress.exit_code) == 0


async def test_the_end_is_in_order_even_if_kafka_is_gone(
    serve: Serve, mortal_kafka: LocalKafka, impatient: Mapping[str, str], tmp_path: Path
) -> None:
    with serve(impatient, tmp_path) as ingress:
        ingress.wait_until_ready()
        mortal_kafka.kill()
        try:
            ingress.terminate()
            assert await asyncio.to_thread(ingress.exit_code) == 0
        finally:
            mortal_kafka.start()
