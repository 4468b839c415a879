"""Committed offsets of the group, read so that "not known yet" is never taken for "nothing committed"."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka.errors import KafkaError
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.structs import OffsetAndMetadata, TopicPartition


async def fetch_committed(
    coordinator: Any, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, OffsetAndMetadata]:
    """Committed offset of each partition that has one, with what its committer wrote beside it.

    aiokafka's own ``_do_fetch_commit_offsets`` ignores the response's top-level error code (OffsetFetch v2+). While the
    coordinator loads after a broker restart, the response says that nothing is committed, and the consumer would start
    over. This waits for a coordinator that answers. KafkaError: no retry helps.
    """
    topics: dict[str, list[int]] = {}
    for tp in partitions:
        topics.setdefault(tp.topic, []).append(tp.partition)
    while True:
        await coordinator.ensure_coordinator_known()
        try:
            response = await coordinator._send_req(OffsetFetchRequest(coordinator.group_id, list(topics.items())))
        except KafkaError as error:
            if not error.retriable:
                raise
        else:
            found = read_response(response)
            if found is not None:
                return found
            coordinator.coordinator_dead()
        await asyncio.sleep(coordinator._retry_backoff_ms / 1000)


def read_response(response: Any) -> dict[TopicPartition, OffsetAndMetadata] | None:
    """Offsets of an OffsetFetchResponse (v2 or later); None when it, or any partition of it, is an error."""
    answers = [(topic, *answer) for topic, parts in response.topics for answer in parts]
    if response.error_code or any(error for *_, error in answers):
        return None
    return {
        TopicPartition(topic, partition): OffsetAndMetadata(offset, metadata or "")
        for topic, partition, offset, metadata, _ in answers
        if offset >= 0
    }
