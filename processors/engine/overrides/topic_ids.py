"""Cluster id and topic ids: what tells a topic from another one of the same name."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import for_code

from processors.engine.overrides.metadata import MetadataRequest


async def lineages(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> dict[str, str]:
    """``<cluster id>/<topic id>`` of each topic, asked of any broker; KafkaError if one is unknown."""
    client = consumer._client
    response = await client.send(client.get_random_node(), MetadataRequest(topics))
    for error, topic, *_ in response.topics:
        if error:
            raise for_code(error)(topic)
    return {topic: f"{response.cluster_id}/{topic_id}" for _, topic, topic_id, *_ in response.topics}
