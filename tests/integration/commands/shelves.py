"""Quarantined records and conflicts, written by hand."""

import time

from confluent_kafka import Producer

from bridge.settings import Settings
from commands.evidence.kept import Kept
from tests.integration.waiting import PATIENCE

HOUR_MS = 3_600_000


class Shelves:
    """Writes kept records into partition 0, and returns their positions."""

    def __init__(self, settings: Settings) -> None:
        self._topics = settings.topics
        self._producer = Producer({"bootstrap.servers": settings.kafka_bootstrap_servers[0]})

    def quarantine(self, record: Kept, hours_ago: int = 0) -> str:
        return self._write(self._topics.quarantine, record, hours_ago)

    def conflict(self, record: Kept, hours_ago: int = 0) -> str:
        return self._write(self._topics.conflicts, record, hours_ago)

    def _write(self, topic: str, record: Kept, hours_ago: int) -> str:
        places: list[str] = []
        self._producer.produce(
            topic,
            record.body,
            record.key,
            partition=0,
            headers=list(record.headers.items()),
            timestamp=int(time.time() * 1000) - hours_ago * HOUR_MS,
            on_delivery=lambda _, message: places.append(f"{message.partition()}:{message.offset()}"),
        )
        self._producer.flush(PATIENCE)
        return places[0]
