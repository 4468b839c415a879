"""How long a worker takes to answer for one order, at a steady rate, while events come in."""

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

import aiohttp
import orjson
from confluent_kafka import Producer

from bridge.kafka.partitioner import partition_for
from bridge.settings import Settings
from deploy.local.service import Service
from tests.programs.bench.deployment import PATIENCE, Metrics, Result
from tests.programs.bench.worker import accepted, order_bodies, preload

_PER_SECOND: Final = 500
_SECONDS: Final = 20
_ORDERS: Final = 4_000
_SLICE_S: Final = 0.05


def one_order(settings: Settings, events_per_second: int) -> Result:
    """Call `GET /orders/{id}` of the order's owner 500 times a second. Each call counts from when it was due."""
    bodies = list(order_bodies(settings, 2 * _ORDERS))
    known, coming = bodies[: len(bodies) // 2], bodies[len(bodies) // 2 :]
    count = preload(settings, known)
    service = Service("worker", settings.worker_web_port)
    try:
        service.wait_until_ready()
        _wait_until_done(settings, count)
        with _coming(settings, coming, events_per_second) as sent:
            before = Metrics(settings.worker_web_port)
            seconds = asyncio.run(_asked(settings.worker_web_port, _order_ids(known)))
            after = Metrics(settings.worker_web_port)
    finally:
        service.stop()
    events = after.sum("bridge_events_total") - before.sum("bridge_events_total")
    return Result(
        rate=len(seconds) / _SECONDS,
        cpu_us=(after.cpu_seconds - before.cpu_seconds) / len(seconds) * 1e6,
        rss_mb=after.rss_mb,
        remarks=f"{_quantiles(seconds)}; {events:,.0f} events were taken, {sum(sent):,} were written",
    )


def _wait_until_done(settings: Settings, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        seen = Metrics(settings.worker_web_port)
        if seen.sum("bridge_events_total") >= count and seen.sum("bridge_consumer_lag_events") == 0:
            return
    raise AssertionError("the worker does not get through")


def _order_ids(bodies: Sequence[bytes]) -> list[str]:
    envelopes = map(orjson.loads, bodies)
    return sorted({each["payload"]["id"] for each in envelopes if each["name"] == "order.opened"})


@contextmanager
def _coming(settings: Settings, bodies: Sequence[bytes], per_second: int) -> Iterator[list[int]]:
    """Write events to raw at this rate during the block; give how many, slice by slice."""
    stop, sent = threading.Event(), list[int]()
    # Made before, by a client that is not Python: this process asks the worker meanwhile.
    records = [accepted(settings, body) for body in bodies[: 2 * _SECONDS * per_second]]
    left, producer = iter(records), Producer({"bootstrap.servers": ",".join(settings.kafka_bootstrap_servers)})

    def send() -> None:
        due = time.monotonic()
        while per_second and not stop.wait(max(0.0, due - time.monotonic())):
            slice_ = list(itertools.islice(left, int(per_second * _SLICE_S)))
            for record in slice_:
                partition = partition_for(record.key, settings.partitions)
                producer.produce(settings.topics.raw, record.value, record.key, partition, headers=record.headers)
            sent.append(len(slice_))
            due += _SLICE_S

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield sent
    finally:
        stop.set()
        thread.join()
        producer.flush()


async def _asked(port: int, order_ids: Sequence[str]) -> list[float]:
    chances, seconds = random.Random(1), list[float]()
    async with aiohttp.ClientSession() as client, asyncio.TaskGroup() as group:
        started = time.monotonic()
        for number in range(_PER_SECOND * _SECONDS):
            due = started + number / _PER_SECOND
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group.create_task(_ask(client, f"http://127.0.0.1:{port}/orders/{chances.choice(order_ids)}", due, seconds))
    return seconds


async def _ask(client: aiohttp.ClientSession, url: str, due: float, seconds: list[float]) -> None:
    async with client.get(url) as answer:
        await answer.read()
        assert answer.status == 200, answer.status
    seconds.append(time.monotonic() - due)


def _quantiles(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    said = {name: ordered[int(share * (len(ordered) - 1))] for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))}
    return ", ".join(f"{name} {1000 * value:.1f} ms" for name, value in said.items())


BENCHMARKS = {
    f"queries, one order, {rate} events/s": partial(one_order, events_per_second=rate) for rate in (0, 200, 1_000)
}
