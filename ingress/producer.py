"""aiokafka's producer as the ingress needs it: trouble with one record or one broker concerns no other."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import LeaderNotAvailableError, TopicAuthorizationFailedError

from bridge.kafka.client import client_options
from bridge.refusals import Migrating
from bridge.rules.watch import RulesWatch, first_contact
from bridge.settings import Settings
from ingress.answers import Unavailable
from ingress.causes import DeliveryCause
from ingress.group_commit import RECORD_ERRORS
from ingress.suspects import Suspects

BATCH_BYTES: Final = 512 * 1024
"""A batch of several records never comes near `max.message.bytes`; a larger record has a batch of its own."""
METADATA_MAX_AGE_MS: Final = 5000
"""A new leader is known by then, if no failure has asked for it at once."""

ASK_AGAIN_S: Final = 0.1

Objection = Callable[[], Unavailable | None]
"""Tells why nothing may be written now; None: it may."""


class FirstContact:
    """Connects producers; nothing is written before the recorded rules were compared with the settings once, nor
    while `rules` has an objection."""

    def __init__(self, settings: Settings, rules: RulesWatch) -> None:
        self._settings, self._rules = settings, rules
        self._checked = False

    async def connect(self) -> "KafkaProducer":
        """A started producer. RulesMismatch: this process must not go on. Unavailable: the rules forbid one now. Other
        errors: try again."""
        if not self._checked:
            asked_at = self._rules.now()
            try:
                self._rules.confirm(await first_contact(self._settings), asked_at)
            except Migrating as error:
                raise Unavailable(str(error), DeliveryCause.RULES) from error
            self._checked = True
        if objection := self._objection():
            raise objection
        return await KafkaProducer.connect(self._settings, self._objection)

    def _objection(self) -> Unavailable | None:
        """If the rules cannot be read, that is mostly Kafka's outage, so it has a cause of its own."""
        if (reason := self._rules.objection()) is None:
            return None
        return Unavailable(reason, DeliveryCause.RULES if self._rules.refusal else DeliveryCause.RULES_UNREAD)


class KafkaProducer:
    """A started producer, acks=all.

    It is not idempotent. An idempotent one numbers its batches, and a batch that is refused or given up leaves a gap
    that aiokafka never closes: everything behind it, of all callers, would be refused, too. If Kafka's answer is lost,
    a record may be stored twice: a duplicate, like a delivery that comes again.
    """

    def __init__(self, producer: AIOKafkaProducer, objection: Objection, patience: timedelta) -> None:
        """`patience`: how long a batch is tried."""
        _ask_before_each_request(producer, objection)
        self._producer, self._objection, self._patience = producer, objection, patience.total_seconds()
        self._suspects = Suspects(producer.client.cluster)
        self._large: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    async def connect(cls, settings: Settings, objection: Objection) -> Self:
        """Start a producer that knows its topics, and sends nothing while there is an objection.

        KafkaError, OSError: Kafka cannot be reached, or lacks a topic.
        """
        # The last try may take as long again: together less than the timeout.
        patience = settings.ingress_ack_timeout * 0.4
        producer = AIOKafkaProducer(
            acks="all",
            linger_ms=0,
            compression_type=settings.compression_type,
            max_batch_size=min(BATCH_BYTES, settings.max_message_bytes),
            max_request_size=settings.max_message_bytes,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            request_timeout_ms=patience // timedelta(milliseconds=1),
            **client_options(settings),
        )
        try:
            await producer.start()
            for topic in (settings.topics.raw, settings.topics.quarantine):
                await producer.partitions_for(topic)
        except BaseException:
            await producer.stop()
            raise
        return cls(producer, objection, patience)

    def create_batch(self) -> Any:
        """An empty aiokafka BatchBuilder."""
        return self._producer.create_batch()

    async def send_batch(self, batch: Any, topic: str, partition: int) -> None:
        """Return once the batch is durable on all in-sync replicas. KafkaError: it is not. Unavailable: not sent.

        If cancelled, the batch will not be sent, unless it is on its way.
        """
        leader = await self._leader(TopicPartition(topic, partition))
        if batch.size() <= BATCH_BYTES:
            await self._send(batch, topic, partition, leader)
            return
        # All that waits for one broker goes there in one request, whose size brokers bound
        # (`socket.request.max.bytes`).
        async with self._large[leader]:
            await self._send(batch, topic, partition, leader)

    async def _send(self, batch: Any, topic: str, partition: int, leader: int) -> None:
        if objection := self._objection():  # at once; it is asked again before each request
            raise objection
        try:
            await (await self._producer.send_batch(batch, topic, partition=partition))
        except asyncio.CancelledError:
            batch._relative_offset = 0  # noqa: SLF001 - aiokafka leaves out an empty batch, and cannot take one back
            raise
        except (*RECORD_ERRORS, TopicAuthorizationFailedError, Unavailable):
            raise
        except Exception:
            self._suspects.add(leader)
            self._producer.client.force_metadata_update()
            raise
        self._suspects.discard(leader)

    async def _leader(self, partition: TopicPartition) -> int:
        """The leader's node id. LeaderNotAvailableError: there is none within the patience. Given a batch whose
        partition has no leader, aiokafka would send nothing to others, either, while it waits for new metadata."""
        client, give_up_at = self._producer.client, time.monotonic() + self._patience
        while (leader := client.cluster.leader_for_partition(partition)) in {None, -1}:
            if time.monotonic() > give_up_at:
                raise LeaderNotAvailableError
            await client.force_metadata_update()
            await asyncio.sleep(ASK_AGAIN_S)
        return int(leader)

    async def ended(self) -> None:
        """Return once the sender, or the task that learns who leads what, has ended; only errors of aiokafka's own end
        them."""
        vital = {self._producer._sender.sender_task, self._producer.client._sync_task}  # noqa: SLF001 - nothing public
        await asyncio.wait(vital, return_when=asyncio.FIRST_COMPLETED)

    async def abandon(self) -> None:
        """Stop without delivering what is still queued; requests already on the wire are waited for.

        aiokafka's `stop` waits until all is delivered. So its sender is ended first.
        """
        sender = self._producer._sender.sender_task  # noqa: SLF001 - no public way to end it without a flush
        if not sender.done():
            sender.cancel()
            await asyncio.wait({sender})
        error = ConnectionAbortedError("producer abandoned")
        self._producer._message_accumulator.fail_all(error)  # noqa: SLF001 - as above
        client = self._producer.client
        if client._sync_task.done():  # noqa: SLF001 - closing the client would raise its error instead
            client._sync_task = None  # noqa: SLF001 - asyncio logs it
        await self._producer.stop()


def _ask_before_each_request(producer: AIOKafkaProducer, objection: Objection) -> None:
    """Ask for an objection before each request. aiokafka keeps a batch while its broker is busy, and sends a failed one
    again, until it is too old by a clock that stands still while the system is suspended: after the resumption it would
    not ask."""
    sender = producer._sender  # noqa: SLF001 - nothing public comes between
    send = sender._send_produce_req  # noqa: SLF001 - as above

    async def unless_objected(node_id: int, batches: Mapping[TopicPartition, Any]) -> None:
        reason = objection()
        if reason is None:
            await send(node_id, batches)
            return
        for batch in batches.values():
            batch.failure(exception=reason)
        sender._in_flight.remove(node_id)  # noqa: SLF001 - as `send` does in the end
        sender._muted_partitions.difference_update(batches)  # noqa: SLF001 - as above

    sender._send_produce_req = unless_objected  # noqa: SLF001 - as above
