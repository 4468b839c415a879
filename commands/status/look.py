"""Takes a picture: asks all services and Kafka at the same time."""

import asyncio
import time
from dataclasses import replace

from bridge.settings import Settings
from commands.status.kafka_side import ask_kafka
from commands.status.picture import Picture
from commands.terminal.members import addresses
from commands.terminal.services import look_at, operations_url, session


async def look(settings: Settings, before: Picture | None = None) -> Picture:
    """The present state. Silent services are reported as such.

    The settings' worker is asked at once, even though Kafka may name others: to wait for Kafka may take all of its
    time.
    """
    async with session() as asking:
        at = time.time()
        ingress, known, kafka = await asyncio.gather(
            look_at(asking, "ingress", operations_url(settings, settings.ingress_url)),
            look_at(asking, "worker", operations_url(settings, settings.worker_url)),
            ask_kafka(settings, int(at * 1000)),
        )
        named = addresses(settings, kafka.members or ())
        workers = await asyncio.gather(*(look_at(asking, "worker", url) for url in named if url != known.url))
    if known.url in named or all(worker.silence for worker in workers):
        workers.append(known)
    since = None if before is None else replace(before, since=None)  # else each picture would keep all earlier ones
    return Picture(settings, at, ingress, sorted(workers, key=lambda worker: worker.url), kafka, since)


async def look_again(picture: Picture) -> Picture:
    """The same with new answers of the services, to see changes."""
    async with session() as asking:
        ingress, *workers = await asyncio.gather(
            look_at(asking, "ingress", picture.ingress.url),
            *(look_at(asking, "worker", worker.url) for worker in picture.workers),
        )
    return replace(picture, at=time.time(), ingress=ingress, workers=workers, since=picture)
