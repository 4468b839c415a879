"""Raw records that the worker's handler failed on: they lie in quarantine, and were never taken for what they are."""

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from bridge.ledger.reading import bounds, read_range
from processors.migration.rebuild import Place
from schemas.headers import ERROR_OFFSET, ERROR_PARTITION, ERROR_REASON, ERROR_TOPIC
from schemas.reasons import Reason
from schemas.topics import Topics


async def put_aside(consumer: AIOKafkaConsumer, topics: Topics, partitions: int) -> set[Place]:
    """Partitions and offsets of those in raw. KafkaError: the broker cannot be asked."""
    starts, ends = await bounds(consumer, [TopicPartition(topics.quarantine, number) for number in range(partitions)])
    found = set()
    async for records in read_range(consumer, starts, ends):
        found |= {place for record in records if (place := _place(record, topics.raw.encode())) is not None}
    return found


def _place(record: ConsumerRecord, raw: bytes) -> Place | None:
    headers = dict(record.headers)
    if headers.get(ERROR_TOPIC) != raw or headers.get(ERROR_REASON) != Reason.HANDLER_FAILED.encode():
        return None
    return int(headers[ERROR_PARTITION]), int(headers[ERROR_OFFSET])
