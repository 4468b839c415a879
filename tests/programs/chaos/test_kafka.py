"""What the bridge takes for granted of Kafka, though not every version gives it."""

from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.chaos.cluster import cluster


def test_a_transaction_that_ends_while_a_partition_has_no_leader_ends_there_too(tmp_path: Path) -> None:
    """Kafka 4.3.0 to 4.4.0 take such a partition for deleted and forget it (KAFKA-20734): the transaction is open for
    good."""
    with cluster(3, tmp_path, relayed=False) as kafka:
        client: dict[str, str | int] = {"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0}
        admin = AdminClient(client)
        admin.create_topics([NewTopic("lonely", 1, replica_assignment=[[3]])])["lonely"].result()
        producer = Producer({**client, "transactional.id": "any", "transaction.timeout.ms": 600_000})
        producer.init_transactions()
        producer.begin_transaction()
        producer.produce("lonely", b"here")
        assert producer.flush(PATIENCE) == 0
        kafka.nodes[3].terminate()
        wait_until(
            "nobody leads the partition", lambda: admin.list_topics("lonely").topics["lonely"].partitions[0].leader < 0
        )
        producer.commit_transaction()
        kafka.start(kafka.nodes[3])
        reader = Consumer({**client, "group.id": "none"})  # read_committed
        reader.assign([TopicPartition("lonely", 0, 0)])
        wait_until("the record can be read", lambda: (record := reader.poll(1)) and record.value() == b"here")
        reader.close()
