"""The workers' group: its members and its offsets."""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code

from bridge.kafka.admin import admin_client
from bridge.kafka.group import committed_offsets
from bridge.kafka.reading import Offsets
from bridge.refusals import MigrationRefused
from bridge.settings import Settings

_POLL_S: Final = 0.2
_MARGIN_S: Final = 5.0


async def wait_until_empty(settings: Settings) -> None:
    """Return once no worker is in the group. A killed worker stays in it for a session timeout.

    MigrationRefused: a worker is still in it after the longest possible session.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + settings.longest_session.total_seconds() + _MARGIN_S
    async with admin_client(settings) as admin:
        while (members := await _members(admin, settings.group_id)) != 0:
            if clock() > deadline:
                running = (
                    "Kafka does not tell whether workers run" if members is None else f"Workers are running ({members})"
                )
                raise MigrationRefused(f"{running}: stop them, then run this again.")
            await asyncio.sleep(_POLL_S)


async def committed(settings: Settings, partitions: Sequence[TopicPartition]) -> Offsets:
    """The group's offsets of these partitions, without those that have none. KafkaError: the broker cannot be asked."""
    async with admin_client(settings) as admin:
        while True:
            found = await committed_offsets(admin, settings.group_id, partitions)
            if len(found) == len(partitions):
                return {partition: offset for partition, offset in found.items() if offset >= 0}
            await asyncio.sleep(_POLL_S)


async def _members(admin: AIOKafkaAdminClient, group: str) -> int | None:
    """How many members the group has; None: Kafka cannot tell yet, as before it has created its topic of groups."""
    try:
        (response,) = await admin.describe_consumer_groups([group])
        ((code, _, _, _, _, members, *_),) = response.groups
        if code:
            raise for_code(code)(group)
    except KafkaError as error:
        if not error.retriable:
            raise
        return None
    return len(members)
