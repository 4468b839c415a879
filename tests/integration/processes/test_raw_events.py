"""What single records of raw cost a worker that reads them again. They lie far apart, among megabytes of others."""

import asyncio
import os

import pytest
from aiokafka import TopicPartition
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from bridge.settings import Settings
from deploy.local.kafka import LocalKafka
from processors.worker.raw_events import RawEventReader
from tests.integration.waiting import PATIENCE

RECORDS, APART = 20_000, 500
BATCH_BYTES = 16 << 10
MOST_BYTES = 128 << 10
"""For each of them: what lies behind it, and as much again that is fetched ahead."""


@pytest.fixture
def settings(kafka: LocalKafka, prefix: str) -> Settings:
    """Settings of a raw topic of 20 MB, which no single answer holds."""
    servers = kafka.bootstrap_servers
    settings = Settings(tenant="acme", partitions=1, topic_prefix=prefix, kafka_bootstrap_servers=[servers])
    tp = TopicPartition(settings.topics.raw, 0)
    admin = AdminClient({"bootstrap.servers": servers})
    [created] = admin.create_topics([NewTopic(tp.topic, 1, 1)]).values()
    created.result(PATIENCE)
    producer = Producer({"bootstrap.servers": servers, "batch.size": BATCH_BYTES, "max.in.flight": 1})
    for number in range(RECORDS):
        producer.produce(tp.topic, b"%d " % number + os.urandom(1000), partition=0)
    assert producer.flush(PATIENCE) == 0
    return settings


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each read of a connection asked for."""
    sizes: list[int] = []
    read = asyncio.StreamReader.readexactly

    async def counted(stream: asyncio.StreamReader, size: int) -> bytes:
        sizes.append(size)
        return await read(stream, size)

    monkeypatch.setattr(asyncio.StreamReader, "readexactly", counted)
    return sizes


async def test_each_fetches_no_more_than_what_lies_close_to_it(settings: Settings, received: list[int]) -> None:
    """Fetching 8 MiB for each once took more than a worker has. The rest of an answer stays in memory until it is
    collected."""
    wanted = range(0, RECORDS, APART)
    raw = RawEventReader(settings)
    running = asyncio.create_task(raw.run())
    raw.ask(0, [f"0:{number}" for number in wanted])
    async with asyncio.timeout(PATIENCE):
        while (answer := raw.answer(0)) is None:
            await asyncio.sleep(0.01)
    running.cancel()
    assert {source: body.split()[0] for source, body in answer.items()} == {f"0:{n}": b"%d" % n for n in wanted}
    assert sum(received) < len(wanted) * MOST_BYTES
