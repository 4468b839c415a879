"""The workers in the consumer group, as Kafka knows them."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import for_code

from bridge.kafka.admin import admin_client
from bridge.settings import Settings
from commands.terminal.services import operations_url


class Member(NamedTuple):
    """A worker: the URL that it gives, None if it cannot be read, and its partitions."""

    url: str | None
    partitions: frozenset[TopicPartition]


async def members(settings: Settings) -> list[Member]:
    """All members; none while the group is being formed. KafkaError: no answer, or not allowed."""
    async with admin_client(settings) as admin:
        (answer,) = await admin.describe_consumer_groups([settings.group_id])
    ((code, _group, _state, _type, _protocol, found, *_),) = answer.groups
    if code:
        raise for_code(code)(settings.group_id)
    return sorted(map(member_of, found), key=lambda member: member.url or "")


def addresses(settings: Settings, of: Iterable[Member]) -> list[str]:
    """The URLs for health checks of these members, each once."""
    return list(dict.fromkeys(operations_url(settings, member.url) for member in of if member.url))


def member_of(described: Iterable[Any]) -> Member:
    """From Kafka's description: id, client, host, metadata and assignment."""
    _id, _client, _host, metadata, assignment, *_ = described
    taken = ConsumerProtocolMemberAssignment.decode(assignment).partitions() if assignment else ()
    return Member(_url(metadata), frozenset(taken))


def _url(metadata: bytes) -> str | None:
    try:
        told = json.loads(ConsumerProtocolMemberMetadata.decode(metadata).user_data)
        return str(told["url"]).rstrip("/")
    except (ValueError, KeyError, TypeError):
        return None  # another program's member: aiokafka and Faust raise ValueError if they cannot read it
