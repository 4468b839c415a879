"""Taking a picture: every service and Kafka are asked at the same time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from bridge.settings import Settings
from commands.status.kafka_side import ask_kafka
from commands.status.picture import KafkaSide, Picture
from commands.terminal.services import Service, look_at, operations_url, session


async def look(settings: Settings, before: Picture | None = None) -> Picture:
    """How it is now. What does not answer is told as such."""
    async with session() as asking:
        at = time.time()
        ingress, kafka = await asyncio.gather(
            look_at(asking, operations_url(settings, settings.ingress_url)), ask_kafka(settings, int(at * 1000))
        )
        workers = await asyncio.gather(*(look_at(asking, url) for url in _urls(settings, kafka)))
        if all(worker.silence for worker in workers):
            workers = [*workers, await look_at(asking, operations_url(settings, settings.worker_url))]
    return Picture(settings, at, ingress, _without_repeats(workers), kafka, before)


async def look_again(picture: Picture) -> Picture:
    """The same with what workers tell now, for what happens in between."""
    async with session() as asking:
        workers = await asyncio.gather(*(look_at(asking, worker.url) for worker in picture.workers))
    return replace(picture, at=time.time(), workers=workers, since=picture)


def _urls(settings: Settings, kafka: KafkaSide) -> list[str]:
    """Of the workers in the group, by what they told it."""
    return [operations_url(settings, member.url) for member in kafka.members or () if member.url]


def _without_repeats(workers: Sequence[Service]) -> list[Service]:
    return list({worker.url: worker for worker in workers}.values())
