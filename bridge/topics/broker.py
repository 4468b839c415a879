"""The topics as the broker has them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code
from aiokafka.protocol.metadata import MetadataRequest

from bridge.kafka.admin import admin_client
from bridge.refusals import TopicsRefused
from bridge.settings import Settings
from bridge.topics.change import ConfigChange
from bridge.topics.difference import TopicsPlan, TopicState, difference
from bridge.topics.spec import specs


async def plan(settings: Settings) -> TopicsPlan:
    """What lies between the topics on the broker and `specs`. KafkaError: the broker cannot be asked."""
    async with admin_client(settings) as admin:
        return await plan_with(admin, settings)


async def plan_with(admin: AIOKafkaAdminClient, settings: Settings) -> TopicsPlan:
    """As `plan`, with a client that is there already."""
    wanted = specs(settings)
    described = await _describe(admin, {spec.name for spec in wanted})
    found = difference(wanted, await _states(admin, described), settings.tolerated_topic_settings)
    return replace(found, cluster_id=_cluster_id(described))


async def tolerated_differences(settings: Settings) -> tuple[ConfigChange, ...]:
    """Tolerated differences of entries that the broker knows. An upgrade may have brought one that the broker did not
    know when it was added to BRIDGE_TOLERATED_TOPIC_SETTINGS. KafkaError: the broker cannot be asked."""
    tolerated = settings.tolerated_topic_settings
    if not tolerated:
        return ()
    strict = await plan(settings.model_copy(update={"tolerated_topic_settings": ()}))
    alter = (change for change in strict.alter if change.name in tolerated)
    return tuple(change for change in alter if change.actual is not None and not change.loses_data)


async def cluster_id(settings: Settings) -> str | None:
    """The cluster's id: other clusters may have topics of the same names. None: it has no id. KafkaError: no answer."""
    async with admin_client(settings) as admin:
        return _cluster_id(await _describe(admin, ()))


async def configs_of(settings: Settings, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Settings of topics as the broker has them, its defaults included. KafkaError: the broker cannot be asked."""
    async with admin_client(settings) as admin:
        return await _configs(admin, names)


async def states_of(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, TopicState]:
    """The topics among `names` that exist, by name. KafkaError: the broker cannot be asked."""
    return await _states(admin, await _describe(admin, names))


async def _states(admin: AIOKafkaAdminClient, described: Mapping[str, Any]) -> dict[str, TopicState]:
    listed = described["topics"]
    topics = {topic["topic"]: topic for topic in listed if _is_known(topic["error_code"], None, topic["topic"])}
    return {
        name: TopicState(
            partitions=len(topics[name]["partitions"]),
            replication=min(len(partition["replicas"]) for partition in topics[name]["partitions"]),
            config=config,
        )
        for name, config in (await _configs(admin, topics)).items()
    }


def _cluster_id(described: Mapping[str, Any]) -> str | None:
    return described.get("cluster_id") or None  # brokers before 0.10.1 do not say it


async def _describe(admin: AIOKafkaAdminClient, names: Iterable[str]) -> Mapping[str, Any]:
    """Topics as the broker has them, and the cluster's id. With aiokafka's `describe_topics`, a broker with
    auto-creation would create what is missing. Listing all topics would hold up the event loop where there are
    thousands."""
    request = MetadataRequest(sorted(names), allow_auto_topic_creation=False)
    response = await admin._send_request(request)  # noqa: SLF001 - no public way to send a request
    described: Mapping[str, Any] = response.to_object()
    return described


async def _configs(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    responses = await admin.describe_configs(resources) if resources else []
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for response in responses
        for code, message, _kind, name, entries in response.resources
        if _is_known(code, message, name)
    }


def _is_known(code: int, message: str | None, topic: str) -> bool:
    """Whether the broker that was asked knows the topic: right after its creation, not every broker does."""
    if for_code(code).retriable:
        return False
    raise_for(code, message, topic)
    return True


def raise_for(code: int, message: str | None, topic: str) -> None:
    """TopicsRefused with Kafka's words, unless the code says that all is well."""
    if code:
        error = for_code(code)
        raise TopicsRefused(f"Kafka refused {topic} ({message or error.description or error.message}).") from error(
            topic
        )
