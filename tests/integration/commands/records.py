"""Raw records and what becomes of them, written by hand with another client than the bridge's."""

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from bridge.settings import Settings
from schemas.routing import order_id_in
from tests.integration.markers import wait_until_ended
from tests.integration.waiting import PATIENCE, wait_until

Headers = list[tuple[str, bytes]]
_LONGEST_MS = 900_000
"""The longest that Kafka allows: it ends no transaction before a test does."""


def end_offset(settings: Settings, topic: str, partition: int, isolation: str = "read_committed") -> int:
    """One past the last offset."""
    servers = settings.kafka_bootstrap_servers[0]
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "looks-only", "isolation.level": isolation})
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=PATIENCE)
        return int(end)
    finally:
        consumer.close()


def order_event(name: str, order_id: str, **payload: Any) -> bytes:
    """A webhook body of the tenant `acme`."""
    envelope = {"tenant": "acme", "name": name, "published_at": "2026-01-01T00:00:00Z"}
    return orjson.dumps(envelope | {"payload": {"id": order_id, **payload}})


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw record that was written."""

    body: bytes
    source: str


class ByHand:
    """Writes what an ingress and a worker would. What is left out or done otherwise is for `verify` to find."""

    def __init__(self, settings: Settings) -> None:
        self._topics = settings.topics
        self._servers = {"bootstrap.servers": settings.kafka_bootstrap_servers[0]}
        self._producer = Producer(self._servers)
        self._group = f"{settings.topic_prefix}.bridge.v1"

    def raw(self, body: bytes, timestamp: int = 0, partition: int = 0) -> Raw:
        """One raw record."""
        written = self._write(self._topics.raw, None, body, [], timestamp, partition)
        return Raw(body, f"{written.partition()}:{written.offset()}")

    def cleaned(self, raw: Raw, key: str, ce_id: str, *, topic: str | None = None, timestamp: int = 0) -> None:
        """The raw record's cleaned record, by default in the orders topic, and then its order's document."""
        headers = [("bridge_source", raw.source.encode()), ("ce_id", ce_id.encode())]
        self._write(topic or self._topics.orders, key.encode(), raw.body, headers, timestamp)
        if topic is None and (order_id := order_id_in(raw.body)) is not None:
            self._write(self._topics.order_state, order_id.encode(), b"{}", [], timestamp)

    def conflict(self, raw: Raw, event_name: str) -> None:
        """Its record in the conflicts topic."""
        headers = [("bridge_source", raw.source.encode())]
        self._write(self._topics.conflicts, event_name.encode(), raw.body, headers, 0)

    def quarantined(self, raw: Raw, reason: str = "invalid_json") -> None:
        """Its record in the quarantine topic."""
        partition, offset = raw.source.split(":")
        place = [
            ("bridge_error_reason", reason.encode()),
            ("bridge_error_topic", self._topics.raw.encode()),
            ("bridge_error_partition", partition.encode()),
            ("bridge_error_offset", offset.encode()),
        ]
        stage = [("bridge_error_stage", b"dedupe"), ("bridge_error_reason", b"invalid_json")]
        self._write(self._topics.quarantine, None, raw.body, [*stage, *place], 0)

    def refused_by_ingress(self, body: bytes) -> None:
        """A body that the ingress has quarantined."""
        headers = [("bridge_error_stage", b"ingress"), ("bridge_error_reason", b"invalid_json")]
        self._write(self._topics.quarantine, None, body, headers, 0)

    def anywhere(self, topic: str, *, timestamp: int) -> None:
        """A record that comes from no raw record."""
        self._write(topic, None, b"{}", [], timestamp)

    def aborted_transaction(self, topic: str) -> None:
        """A record that no `read_committed` reader sees, and its marker."""
        self.abort(self.open_transaction(topic), topic)

    def abort(self, rogue: Producer, topic: str) -> None:
        """Return once what it has open there is ended."""
        rogue.abort_transaction(PATIENCE)
        wait_until_ended(self._servers["bootstrap.servers"], topic)

    def open_transaction(self, topic: str, value: bytes = b"never seen") -> Producer:
        """The same, in a transaction that nobody has ended yet."""
        rogue = {"transactional.id": f"{topic}-{uuid.uuid4()}", "transaction.timeout.ms": _LONGEST_MS}
        producer = Producer(self._servers | rogue)
        producer.init_transactions(PATIENCE)
        producer.begin_transaction()
        producer.produce(topic, value, b"rogue", partition=0)
        producer.flush(PATIENCE)
        return producer

    def processed(self, raw_offset: int | None = None, orders_offset: int | None = None, partition: int = 0) -> None:
        """The worker's group has committed these offsets of the partition; by default nothing of that topic."""
        offsets = {self._topics.raw: raw_offset, self._topics.orders: orders_offset}
        consumer = Consumer(self._servers | {"group.id": self._group, "enable.auto.commit": False})
        try:
            places = [
                TopicPartition(topic, partition, offset) for topic, offset in offsets.items() if offset is not None
            ]
            wait_until("the offsets are committed", lambda: _is_committed(consumer, places))
        finally:
            consumer.close()

    def delete_before(self, topic: str, offset: int) -> None:
        """As retention does."""
        admin = AdminClient(self._servers)
        (done,) = admin.delete_records([TopicPartition(topic, 0, offset)]).values()
        done.result(PATIENCE)

    def _write(
        self, topic: str, key: bytes | None, value: bytes, headers: Headers, timestamp: int, partition: int = 0
    ) -> Message:
        written: list[Message] = []

        def on_delivery(error: object, message: Message) -> None:
            assert error is None
            written.append(message)

        self._producer.produce(
            topic, value, key, partition=partition, headers=headers, timestamp=timestamp, on_delivery=on_delivery
        )
        self._producer.flush(PATIENCE)
        return written[0]


def _is_committed(consumer: Consumer, places: list[TopicPartition]) -> bool:
    """Not while the group's coordinator is loading, or is none yet, as may be for the first group of all."""
    try:
        consumer.commit(offsets=places, asynchronous=False)
    except KafkaException as error:
        if error.args[0].code() in {KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.NOT_COORDINATOR}:
            return False
        raise
    return True
