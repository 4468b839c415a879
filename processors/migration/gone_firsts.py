"""First records of their keys that retention has deleted from raw, while a conflict tells of them."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from bridge.ledger.reading import bounds, partitions, read_range
from bridge.ledger.record import Source
from bridge.settings import Settings
from schemas.headers import FIRST_SOURCE


async def gone_firsts(consumer: AIOKafkaConsumer, settings: Settings, raw_starts: Mapping[int, int]) -> set[Source]:
    """Where in raw they lay; `raw_starts`: its first offsets by partition. KafkaError: the broker cannot be asked."""
    starts, ends = await bounds(consumer, partitions(settings, [settings.topics.conflicts]))
    gone = set()
    async for records in read_range(consumer, starts, ends):
        firsts = {first for record in records if (first := _first(record)) is not None}
        gone |= {first for first in firsts if first.offset < raw_starts.get(first.partition, 0)}
    return gone


def _first(record: ConsumerRecord) -> Source | None:
    try:
        return Source.parse(dict(record.headers)[FIRST_SOURCE])
    except (KeyError, ValueError):
        return None  # no worker has written that
