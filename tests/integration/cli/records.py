"""Raw records and what becomes of them, written by hand with another client than the bridge's."""

from confluent_kafka import Consumer, TopicPartition

from bridge.settings import Settings


def end_offset(settings: Settings, topic: str, partition: int) -> int:
    """One past the last offset."""
    consumer = Consumer({"bootstrap.servers": settings.kafka_bootstrap_servers[0], "group.id": "looks-only"})
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        return int(end)
    finally:
        consumer.close()
