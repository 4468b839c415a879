"""Topics and records for the tests of local brokers, by a client that the bridge itself does not use."""

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.integration.ingress.topic import bounds


def make_topic(bootstrap_servers: str, topic: str) -> None:
    """One partition, one copy."""
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])[topic].result()


def write(bootstrap_servers: str, topic: str, *values: bytes) -> None:
    """Returns once the broker has acknowledged all of them."""
    producer = Producer({"bootstrap.servers": bootstrap_servers, "acks": "all"})
    for value in values:
        producer.produce(topic, value)
    assert producer.flush(30) == 0


def read(bootstrap_servers: str, topic: str) -> list[bytes]:
    """Everything that the topic's one partition holds."""
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "none"})
    first, end = bounds(consumer, TopicPartition(topic, 0))
    consumer.assign([TopicPartition(topic, 0, first)])
    values: list[bytes] = []
    while len(values) < end - first:
        message = consumer.poll(30)
        assert message is not None, "nothing within 30 s"
        assert message.error() is None
        values.append(message.value() or b"")
    consumer.close()
    return values
