"""Transactions that nobody has ended yet: readers of committed records get nothing from where one began."""

import asyncio
from typing import Final, NamedTuple

from aiokafka import TopicPartition

from bridge.kafka.reading import reader
from bridge.settings import Settings

COMMITTED_S: Final = 5.0
"""Kafka answers a commit before it shows, which takes less than this. Commands wait for it up to this long, even those
that do not wait for workers."""
_POLL_S: Final = 0.2


class OpenTransaction(NamedTuple):
    """A partition's first open transaction. It began at offset `first`; `offsets` offsets wait for its end."""

    partition: TopicPartition
    first: int
    offsets: int

    def __str__(self) -> str:
        topic, number = self.partition
        return f"{topic}/{number}: a transaction is open: {self.offsets:,} offsets from {self.first} on wait for it"


async def wait_for_their_ends(settings: Settings, of: list[TopicPartition], deadline: float) -> list[OpenTransaction]:
    """Wait until what is in these partitions now is committed or aborted, or the loop's clock is at `deadline`.

    Returns the transactions that are still open. KafkaError: Kafka cannot be asked.
    """
    async with reader(settings, committed=False) as consumer:
        ends = await consumer.end_offsets(of)
    async with reader(settings) as consumer:
        while True:
            is_last = asyncio.get_running_loop().time() >= deadline  # decided before asking: an answer may be read late
            stable = await consumer.end_offsets(of)
            left = [OpenTransaction(p, stable[p], ends[p] - stable[p]) for p in of if stable[p] < ends[p]]
            if not left or is_last:
                return left
            await asyncio.sleep(_POLL_S)
