"""What a source's log holds at one place."""

from collections.abc import Mapping

from aiokafka.structs import TopicPartition

from processors.engine.options import EngineOptions
from processors.engine.reader import reading


async def timestamps(options: EngineOptions, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Time (ms) of the record at each offset; left out where there is none. Each must be below its log's end.

    KafkaError: Kafka cannot be asked, or has deleted the offset.
    """
    if not offsets:
        return {}
    async with reading(options, offsets, "read_uncommitted") as reader:
        for tp, offset in offsets.items():
            reader.seek(tp, offset)
        found: dict[TopicPartition, int] = {}
        behind = set(offsets)
        while behind:
            for tp, records in (await reader.getmany(*behind, timeout_ms=200)).items():
                if records[0].offset == offsets[tp]:
                    found[tp] = records[0].timestamp
            passed = {tp for tp in behind if await reader.position(tp) > offsets[tp]}
            reader.pause(*passed)  # nobody wants what is behind it
            behind -= passed
        return found
