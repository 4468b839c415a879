"""Reads a topic with a client that the bridge does not use."""

from collections.abc import Mapping
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.checker.clients import COMES_UP


class Stored(NamedTuple):
    """One record as it lies in Kafka."""

    partition: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, bytes]
    timestamp_ms: int


def stored(bootstrap_servers: str, topic: str) -> list[Stored]:
    """Everything in the topic, from each partition's start to its present end."""
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "none", "enable.partition.eof": False})
    try:
        partitions = consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
        ends = {p: bounds(consumer, TopicPartition(topic, p)) for p in partitions}
        consumer.assign([TopicPartition(topic, p, low) for p, (low, _high) in ends.items()])
        count = sum(high - low for low, high in ends.values())
        return [_next(consumer) for _ in range(count)]
    finally:
        consumer.close()


def bounds(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """First and next offset. Right after a topic was made, or a broker came back, nobody knows who leads."""

    def ask() -> tuple[int, int] | None:
        try:
            found: tuple[int, int] = consumer.get_watermark_offsets(partition, timeout=10)
        except KafkaException as error:
            if error.args[0].code() not in {*COMES_UP, KafkaError._UNKNOWN_PARTITION}:
                raise
            return None
        return found

    return wait_until(f"{partition} has a leader", ask)


def _next(consumer: Consumer) -> Stored:
    message = consumer.poll(PATIENCE)
    assert message is not None, "a record did not come"
    assert message.error() is None, message.error()
    headers = dict(message.headers() or [])
    return Stored(message.partition(), message.key(), message.value(), headers, message.timestamp()[1])
