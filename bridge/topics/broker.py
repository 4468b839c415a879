"""The topics as the broker has them, and making them as they must be. Nothing here deletes anything."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import TopicAlreadyExistsError, for_code

from bridge.kafka import client_options
from bridge.settings import Settings
from bridge.topics.difference import Plan, TopicState, difference
from bridge.topics.incremental import IncrementalAlterConfigsRequest
from bridge.topics.spec import TopicSpec, specs

_VISIBLE_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.1


class TopicsRefused(Exception):  # noqa: N818 - says what happened
    """Kafka answered, and refused. The message is a sentence for people."""


async def plan(settings: Settings) -> Plan:
    """What lies between the topics on the broker and `specs`. KafkaError: the broker cannot be asked."""
    wanted = specs(settings)
    async with _admin(settings) as admin:
        return difference(wanted, await _states(admin, {spec.name for spec in wanted}))


async def check(settings: Settings) -> tuple[str, ...]:
    """One sentence for each thing about the topics that is not as it must be. KafkaError as in `plan`."""
    return (await plan(settings)).problems


async def apply(settings: Settings, plan: Plan) -> None:
    """Create and alter what `plan` names, and return when every broker answer shows the new topics.

    TopicsRefused: Kafka refused a part of it. What was done before stays; apply again once the cause is gone.
    """
    async with _admin(settings) as admin:
        if plan.create:
            await _create(admin, plan.create)
            await _wait_until_visible(admin, plan.create)
    if plan.alter:
        await _alter(settings, plan)


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(request_timeout_ms=10_000, **client_options(settings))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _states(admin: AIOKafkaAdminClient, names: set[str]) -> dict[str, TopicState]:
    # All topics are listed: asking for one by its name makes a broker with auto-creation create it.
    found = {topic["topic"]: topic for topic in await admin.describe_topics() if topic["topic"] in names}
    for name, topic in found.items():
        _raise_for(topic["error_code"], None, name)
    configs = await _configs(admin, found)
    return {
        name: TopicState(
            partitions=len(topic["partitions"]),
            replication=min(len(partition["replicas"]) for partition in topic["partitions"]),
            config=configs[name],
        )
        for name, topic in found.items()
    }


async def _configs(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    responses = await admin.describe_configs(resources) if resources else []
    configs = {}
    for response in responses:
        for code, message, _kind, name, entries in response.resources:
            _raise_for(code, message, name)
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return configs


async def _create(admin: AIOKafkaAdminClient, wanted: Iterable[TopicSpec]) -> None:
    response = await admin.create_topics(
        [
            NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=dict(spec.config))
            for spec in wanted
        ]
    )
    for name, code, message, *_ in response.topic_errors:
        if code != TopicAlreadyExistsError.errno:  # another apply was faster; the next check compares
            _raise_for(code, message, name)


async def _wait_until_visible(admin: AIOKafkaAdminClient, created: Iterable[TopicSpec]) -> None:
    # The controller's answer comes before the brokers know the topic and its leaders.
    missing = {spec.name for spec in created}
    async with asyncio.timeout(_VISIBLE_WITHIN_S):
        while missing:
            missing -= {topic["topic"] for topic in await admin.describe_topics() if _has_leaders(topic)}
            if missing:
                await asyncio.sleep(_POLL_S)


def _has_leaders(topic: dict[str, Any]) -> bool:
    partitions = topic["partitions"]
    return bool(partitions) and all(partition["leader"] >= 0 for partition in partitions)


async def _alter(settings: Settings, plan: Plan) -> None:
    client = AIOKafkaClient(request_timeout_ms=10_000, **client_options(settings))
    try:
        await client.bootstrap()
        response = await client.send(client.get_random_node(), IncrementalAlterConfigsRequest(plan.alter))
    finally:
        await client.close()
    for code, message, _kind, name in response.responses:
        _raise_for(code, message, name)


def _raise_for(code: int, message: str | None, topic: str) -> None:
    if code:
        error = for_code(code)
        raise TopicsRefused(f"Kafka refused {topic}: {message or error.description or error.message}")
