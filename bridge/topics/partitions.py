"""More partitions for topics that exist. Kafka cannot take any away."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.errors import KafkaError

from bridge.kafka.admin import admin_client
from bridge.refusals import TopicsRefused
from bridge.settings import Settings
from bridge.topics.apply import refuse_for_others
from bridge.topics.broker import states_of
from bridge.topics.spec import specs

_VISIBLE_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.1


async def partition_counts(settings: Settings) -> dict[str, int]:
    """How many partitions each existing topic of `specs` has. KafkaError: the broker cannot be asked."""
    async with admin_client(settings) as admin:
        return await _counts(admin, settings)


async def add_partitions(settings: Settings) -> None:
    """Give each topic the partitions that it lacks, and return once the brokers show it.

    TopicsRefused: Kafka refused, or the topics are others' to change.
    """
    async with admin_client(settings) as admin:
        lacking = partitions_lacking(settings, await _counts(admin, settings))
        require_growth_allowed(settings, lacking)
        try:
            if lacking:
                await admin.create_partitions({name: NewPartitions(count) for name, count in lacking.items()})
        except KafkaError as error:
            raise TopicsRefused(str(error)) from error
        await _wait_until_visible(admin, settings)


def require_growth_allowed(settings: Settings, lacking: Mapping[str, int]) -> None:
    """TopicsRefused: topics lack partitions, and others own them."""
    if not settings.manages_topics:
        refuse_for_others([f"{name} needs {count} partitions." for name, count in lacking.items()])


async def _wait_until_visible(admin: AIOKafkaAdminClient, settings: Settings) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + _VISIBLE_WITHIN_S
    while lacking := partitions_lacking(settings, await _counts(admin, settings)):
        if clock() > deadline:
            raise TopicsRefused(f"The new partitions do not appear: {', '.join(lacking)}.")
        await asyncio.sleep(_POLL_S)


def partitions_lacking(settings: Settings, counts: Mapping[str, int]) -> dict[str, int]:
    """Topic -> how many partitions it must have, if it has fewer by `counts`."""
    return {spec.name: spec.partitions for spec in specs(settings) if counts.get(spec.name, 0) < spec.partitions}


async def _counts(admin: AIOKafkaAdminClient, settings: Settings) -> dict[str, int]:
    found = await states_of(admin, {spec.name for spec in specs(settings)})
    return {name: state.partitions for name, state in found.items()}
