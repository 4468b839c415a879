"""The topics as the broker has them, and making them as they must be. Nothing here deletes anything."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import TopicAlreadyExistsError, for_code
from aiokafka.protocol.metadata import MetadataRequest

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
    async with admin_client(settings) as admin:
        return difference(wanted, await states_of(admin, {spec.name for spec in wanted}))


async def check(settings: Settings) -> tuple[str, ...]:
    """One sentence for each thing about the topics that is not as it must be. KafkaError as in `plan`."""
    return (await plan(settings)).problems


async def apply(settings: Settings, plan: Plan) -> None:
    """Create and alter what `plan` names, and return once the brokers show all topics as they must be.

    TopicsRefused: Kafka refused a part of it, or something is not as it must be afterwards. What was done stays.
    """
    async with admin_client(settings) as admin:
        if plan.create:
            await _create(admin, plan.create)
        if plan.alter:
            await _alter(settings, plan)
        await _wait_until_as_planned(admin, specs(settings))


@asynccontextmanager
async def admin_client(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(request_timeout_ms=10_000, **client_options(settings))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def states_of(admin: AIOKafkaAdminClient, names: set[str]) -> dict[str, TopicState]:
    described = await _describe(admin, names)
    topics = {topic["topic"]: topic for topic in described if _is_known(topic["error_code"], None, topic["topic"])}
    return {
        name: TopicState(
            partitions=len(topics[name]["partitions"]),
            replication=min(len(partition["replicas"]) for partition in topics[name]["partitions"]),
            config=config,
        )
        for name, config in (await _configs(admin, topics)).items()
    }


async def _describe(admin: AIOKafkaAdminClient, names: set[str]) -> list[dict[str, Any]]:
    """Topics as the broker has them. aiokafka's `describe_topics` would have a broker with auto-creation create what
    is missing; and listing all topics would hold up the event loop where there are thousands."""
    request = MetadataRequest(sorted(names), allow_auto_topic_creation=False)
    response = await admin._send_request(request)  # noqa: SLF001 - no public way to send a request
    topics: list[dict[str, Any]] = response.to_object()["topics"]
    return topics


async def _configs(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    responses = await admin.describe_configs(resources) if resources else []
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for response in responses
        for code, message, _kind, name, entries in response.resources
        if _is_known(code, message, name)
    }


async def _create(admin: AIOKafkaAdminClient, wanted: Iterable[TopicSpec]) -> None:
    response = await admin.create_topics(
        [NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=dict(spec.config)) for spec in wanted]
    )
    for name, code, message, *_ in response.topic_errors:
        if code != TopicAlreadyExistsError.errno:  # somebody was faster; what they made is looked at afterwards
            _raise_for(code, message, name)


async def _wait_until_as_planned(admin: AIOKafkaAdminClient, wanted: Sequence[TopicSpec]) -> None:
    # The controller answers before the brokers know; and another client may have created a topic of another kind.
    clock = asyncio.get_running_loop().time
    deadline = clock() + _VISIBLE_WITHIN_S
    while problems := await _problems(admin, wanted):
        if clock() > deadline:
            raise TopicsRefused(" ".join(problems))
        await asyncio.sleep(_POLL_S)


async def _problems(admin: AIOKafkaAdminClient, wanted: Sequence[TopicSpec]) -> tuple[str, ...]:
    left = difference(wanted, await states_of(admin, {spec.name for spec in wanted}))
    if left.refused:
        raise TopicsRefused(" ".join(left.refused))
    return left.problems


async def _alter(settings: Settings, plan: Plan) -> None:
    client = AIOKafkaClient(request_timeout_ms=10_000, **client_options(settings))
    try:
        await client.bootstrap()
        response = await client.send(client.get_random_node(), IncrementalAlterConfigsRequest(plan.alter))
    finally:
        await client.close()
    for code, message, _kind, name in response.responses:
        _raise_for(code, message, name)


def _is_known(code: int, message: str | None, topic: str) -> bool:
    """Whether the broker that was asked knows the topic: right after its creation, not every broker does."""
    if for_code(code).retriable:
        return False
    _raise_for(code, message, topic)
    return True


def _raise_for(code: int, message: str | None, topic: str) -> None:
    if code:
        error = for_code(code)
        raise TopicsRefused(f"Kafka refused {topic}: {message or error.description or error.message}")
