"""Makes the topics as they must be. Nothing here deletes anything.

Some brokers, mostly managed ones, do not let every setting be set, and refuse the whole topic for one of them. The rest
is then done without that setting, unless it is in `LOSING`. No data are lost without the others, except those of an
ingress whose clock is wrong (`CLOCK_BOUNDS`).
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    InvalidConfigurationError,
    InvalidRequestError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    for_code,
)

from bridge.kafka.admin import admin_client
from bridge.kafka.client import client_options
from bridge.refusals import TopicsRefused
from bridge.settings import Settings
from bridge.topics.broker import plan_with, raise_for
from bridge.topics.change import LOSING, ConfigChange
from bridge.topics.difference import TopicsPlan
from bridge.topics.incremental import IncrementalAlterConfigsRequest
from bridge.topics.spec import TopicSpec

_VISIBLE_WITHIN_S: Final = 30.0
_POLL_S: Final = 0.1
_SETTING_REFUSED: Final = {
    error.errno for error in (InvalidConfigurationError, InvalidRequestError, PolicyViolationError)
}


@dataclass(frozen=True, slots=True)
class NotSet:
    """A setting that Kafka does not let be set, and why, in Kafka's words. Services run without it."""

    change: ConfigChange
    reason: str


async def apply(settings: Settings, plan: TopicsPlan) -> tuple[NotSet, ...]:
    """Create and alter what `plan` names, wait until the brokers show it, and return what Kafka did not let be set.

    If others own the topics, change nothing. TopicsRefused: Kafka refused what is needed, something is not as it must
    be afterwards, or the owners have something to do. What was done stays.
    """
    if not settings.manages_topics:
        refuse_for_others(plan.losses)
        return ()
    async with admin_client(settings) as admin:
        left = await _create(admin, plan.create, plan.tolerated)
        not_set = await _set(settings, [*plan.alter, *left])
        await _wait_until_as_planned(admin, settings, {(each.change.topic, each.change.name) for each in not_set}, plan)
    return not_set


def refuse_for_others(problems: Collection[str]) -> None:
    """TopicsRefused: there are `problems`, which the owners of the topics have to solve."""
    if problems:
        raise TopicsRefused(
            f"BRIDGE_TOPICS_MANAGED_BY is others, so they have to do this first: {' '.join(problems)}"
            " `bridge topics plan -o strimzi`, `terraform` or `kafka-cli` prints it for them."
        )


async def _create(
    admin: AIOKafkaAdminClient, specs: Sequence[TopicSpec], tolerated: frozenset[str]
) -> list[ConfigChange]:
    """Create topics, with only the needed settings if Kafka refuses one. Return what is still to be set."""
    wanted = [replace(spec, config=_without(tolerated - LOSING, spec.config)) for spec in specs]
    refused = await _ask_to_create(admin, wanted, _SETTING_REFUSED)
    await _ask_to_create(admin, [replace(spec, config=_only(LOSING, spec.config)) for spec in refused])
    return [
        ConfigChange(spec.name, name, None, value)
        for spec in refused
        for name, value in _without(LOSING, spec.config).items()
    ]


async def _ask_to_create(
    admin: AIOKafkaAdminClient, specs: Sequence[TopicSpec], expected: Collection[int] = ()
) -> list[TopicSpec]:
    """Return the topics that were refused with an expected code. TopicsRefused: one was, with another code."""
    topics = [NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=spec.config) for spec in specs]
    answers = (await admin.create_topics(topics)).topic_errors if topics else ()
    refused = set()
    for name, code, message, *_ in answers:
        if code in expected:
            refused.add(name)
        elif code != TopicAlreadyExistsError.errno:  # somebody was faster; what they made is looked at afterwards
            raise_for(code, message, name)
    return [spec for spec in specs if spec.name in refused]


def _only(names: frozenset[str], config: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in config.items() if name in names}


def _without(names: frozenset[str], config: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in config.items() if name not in names}


async def _set(settings: Settings, changes: Sequence[ConfigChange]) -> tuple[NotSet, ...]:
    if not changes:
        return ()
    not_set = []
    async with _client(settings) as client:
        for topic, (code, message) in (await _alter(client, changes)).items():
            if code in _SETTING_REFUSED:  # one setting was refused, so none of the topic's is set
                not_set += [each async for each in _set_one_by_one(client, changes, topic)]
            else:
                raise_for(code, message, topic)
    return tuple(not_set)


async def _set_one_by_one(client: AIOKafkaClient, changes: Sequence[ConfigChange], topic: str) -> AsyncIterator[NotSet]:
    for change in changes:
        if change.topic != topic:
            continue
        code, message = (await _alter(client, [change]))[topic]
        if code in _SETTING_REFUSED and change.name not in LOSING:
            yield NotSet(change, message or for_code(code).description)
        else:
            raise_for(code, f"{change.name}: {message}", topic)


async def _alter(client: AIOKafkaClient, changes: Iterable[ConfigChange]) -> dict[str, tuple[int, str | None]]:
    """Code and message by topic: Kafka sets all settings of a topic, or none."""
    response = await client.send(client.get_random_node(), IncrementalAlterConfigsRequest(changes))
    return {name: (code, message) for code, message, _kind, name in response.responses}


@asynccontextmanager
async def _client(settings: Settings) -> AsyncIterator[AIOKafkaClient]:
    client = AIOKafkaClient(request_timeout_ms=10_000, **client_options(settings))
    try:
        await client.bootstrap()
        yield client
    finally:
        await client.close()


async def _wait_until_as_planned(
    admin: AIOKafkaAdminClient, settings: Settings, not_set: set[tuple[str, str]], plan: TopicsPlan
) -> None:
    # The controller answers before the brokers know; and another client may have created a topic of another kind.
    clock = asyncio.get_running_loop().time
    deadline = clock() + _VISIBLE_WITHIN_S
    given = {spec.name: spec.config for spec in plan.create}
    while (left := await _left(admin, settings, not_set)).problems:
        if clock() > deadline:
            raise TopicsRefused(" ".join(left.problems))
        # What a new topic was not made with is the cluster's own, and known only now: its segments may be too small.
        await _set(settings, [each for each in left.alter if each.name not in given.get(each.topic, {each.name})])
        await asyncio.sleep(_POLL_S)


async def _left(admin: AIOKafkaAdminClient, settings: Settings, not_set: set[tuple[str, str]]) -> TopicsPlan:
    left = await plan_with(admin, settings)
    if left.refused:
        raise TopicsRefused(" ".join(left.refused))
    return replace(left, alter=tuple(each for each in left.alter if (each.topic, each.name) not in not_set))
