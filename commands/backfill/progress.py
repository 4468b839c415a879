"""How much of each export file is stored, recorded in the same Kafka transaction as its lines."""

from dataclasses import asdict, dataclass
from typing import Final

import orjson
from aiokafka import TopicPartition

from bridge.kafka.reading import bounds, read_range, reader
from bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Progress:
    """The stored part of a file: number of lines, and of bytes, uncompressed."""

    lines: int = 0
    bytes: int = 0
    finished: bool = False


START: Final = Progress()


def progress_row(file: str, progress: Progress) -> bytes:
    """The value of the row that records it. The name is for people."""
    return orjson.dumps({"file": file.encode(errors="backslashreplace").decode(), **asdict(progress)})


async def recorded_progress(settings: Settings) -> dict[str, Progress]:
    """The progress of every file, by identity. The topic must exist."""
    found: dict[str, Progress] = {}
    async with reader(settings) as consumer:
        starts, ends = await bounds(consumer, [TopicPartition(settings.topics.backfill, 0)])
        async for records in read_range(consumer, starts, ends):
            for record in records:
                row = orjson.loads(record.value)
                found[record.key.decode()] = Progress(row["lines"], row["bytes"], row["finished"])
    return found
