"""aiokafka's transactional producers, made to fail clearly and to end in time."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from itertools import chain
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    IncompatibleBrokerVersion,
    KafkaError,
    NodeNotReadyError,
    NotEnoughReplicasError,
    OutOfOrderSequenceNumber,
)
from aiokafka.producer.sender import AddPartitionsToTxnHandler, CoordinationType
from aiokafka.protocol.transaction import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    TxnOffsetCommitRequest,
)

from processors.engine.errors import words_of
from processors.engine.options import EngineOptions
from processors.engine.overrides.connections import ask_first
from processors.engine.overrides.transactions_v2 import is_spoken, speak

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_TRANSACTIONAL = (AddPartitionsToTxnRequest, AddOffsetsToTxnRequest, TxnOffsetCommitRequest, EndTxnRequest)


class NoOutcomeError(IncompatibleBrokerVersion, OutOfOrderSequenceNumber):
    """A request of a transaction was sent, and its answer was lost: only a fence makes sure that the transaction is
    over.

    aiokafka would send the request again in the same epoch, and go on to the next transaction once that is answered. By
    Kafka's first protocol the first request may still be on its way, and end the next transaction half-way (KIP-890).
    The base classes prevent it: aiokafka does not catch the first one around a request, and on the second one its
    sender ends at once, with all that wait for it.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.message = why  # in place of the second class's, which is Kafka's name for it


_BACKOFF: Final = 0.02
# Kafka 4 answers ConcurrentTransactions or NotEnoughReplicas to the first request of many transactions of the older
# protocol, since the transaction before takes some milliseconds to end. Each such answer costs one backoff.
_BACKOFF_LEAST: Final = 0.004
_BACKOFF_MAX: Final = 1.0
_AT_EACH: Final = 10
"""About so many attempts have the same backoff."""

_ANSWERS_S = 0.1

_PRODUCERS_METADATA_AGE_MS = 30_000
"""By aiokafka's default a producer stays for 300 s with a leader that was cut off from its peers: such a broker serves
its clients, so no error tells. Any broker may be asked, also that one."""


def leave_out_expected_answers() -> None:
    """Keep NotEnoughReplicas out of the log, several lines a transaction: a real lack shows as units without
    outcome."""
    logging.getLogger("aiokafka.producer.sender").addFilter(_is_unexpected)


def _is_unexpected(record: logging.LogRecord) -> bool:
    return not (isinstance(record.args, tuple) and NotEnoughReplicasError in record.args)


def new_producer(options: EngineOptions, transactional_id: str) -> AIOKafkaProducer:
    """A transactional producer, not started. A lost answer ends it, see ``NoOutcomeError``."""
    producer = AIOKafkaProducer(
        **options.client,
        client_id=transactional_id,
        transactional_id=transactional_id,
        transaction_timeout_ms=int(options.transaction_timeout * 1000),
        request_timeout_ms=int(options.transaction_timeout * 1000),
        retry_backoff_ms=int(_BACKOFF * 1000),
        max_batch_size=min(1 << 20, options.max_record_bytes),
        max_request_size=options.max_record_bytes + (1 << 20),
        compression_type=options.compression,
        linger_ms=0,
        metadata_max_age_ms=_PRODUCERS_METADATA_AGE_MS,
    )
    producer.client.send = partial(_send_once, producer.client.send)
    producer._sender._do_add_partitions_to_txn = partial(_add_partitions, producer._sender)
    _keep_requests(producer._sender)
    ask_first(producer, options.client["bootstrap_servers"])
    return producer


async def _send_once(send: Callable[..., Awaitable[Any]], node_id: int, request: Any, **options: Any) -> Any:
    """Send a producer's request; if the answer to a transaction's request is lost, the producer ends."""
    try:
        return await send(node_id, request, **options)
    except NodeNotReadyError:
        raise  # nothing was sent
    except KafkaError as error:
        if isinstance(request, _TRANSACTIONAL):
            raise NoOutcomeError(f"no answer to {type(request).__name__} ({words_of(error)})") from None
        raise


class AddPartitions(AddPartitionsToTxnHandler):
    """Retries as soon as anything else does. Upstream waits for 20 ms while the transaction before ends."""

    def handle_response(self, response: Any) -> float | None:
        again: float | None = super().handle_response(response)
        return again and self._default_backoff


async def _add_partitions(sender: Any, partitions: Any) -> bool:
    added: bool = await AddPartitions(sender, partitions).do(await _coordinator(sender))
    return added


async def _coordinator(sender: Any) -> int:
    """Node id of the transactions' coordinator."""
    node_id: int = await sender._find_coordinator(CoordinationType.TRANSACTION, sender._txn_manager.transactional_id)
    return node_id


def _keep_requests(sender: Any) -> None:
    """Have ``sender.requests`` hold the tasks of its requests that are under way.

    Upstream's sender waits for them one after the other when it is to end. If one raises, or it is cancelled again, it
    leaves the others to themselves: one looks for its coordinator on and on, or its error, which nobody retrieves, is
    logged with a whole stack.
    """
    sender.requests = set[asyncio.Task[Any]]()
    begin, produce = sender._maybe_do_transactional_request, sender._send_produce_req

    def ended(request: asyncio.Task[Any]) -> None:
        sender.requests.discard(request)
        if not request.cancelled():
            request.exception()  # a sender that still runs raises it

    def keep(request: asyncio.Task[Any] | None) -> asyncio.Task[Any] | None:
        if request is not None:
            sender.requests.add(request)
            request.add_done_callback(ended)
        return request

    async def kept(*batches: Any) -> None:
        keep(asyncio.current_task())
        await produce(*batches)

    sender._maybe_do_transactional_request = lambda: keep(begin())
    sender._send_produce_req = kept


async def fence(producer: AIOKafkaProducer, topics: Collection[str] = ()) -> None:
    """Start the producer: any older one with its transactional id is fenced, and its dangling transaction finished.
    Afterwards the leaders of ``topics`` are known."""
    await producer.start()
    # start() returns with the producer id at hand; a caller must not depend on that detail
    await producer._txn_manager.wait_for_pid()
    client = producer.client
    if await is_spoken(client, await _coordinator(producer._sender)):
        translated = speak(producer._txn_manager, client.send)
        client.send = partial(_send_once, translated)  # once more: below, its requests are of other classes
    if topics:
        client.set_topics(topics)  # one question for all; each by itself would go to some broker
    for topic in topics:
        await producer.partitions_for(topic)


def add_partitions(producer: AIOKafkaProducer, partitions: list[tuple[str, int]]) -> None:
    """Announce all partitions of the transaction at once; aiokafka would ask the coordinator several times, one after
    the other."""
    for topic, partition in partitions:
        producer._txn_manager.maybe_add_partition_to_txn(TopicPartition(topic, partition))


async def with_growing_backoff(producer: AIOKafkaProducer, work: Awaitable[_T]) -> _T:
    """Await ``work``; the longer it takes, the rarer the producer retries.

    aiokafka's backoff is constant: at 20 ms, ten seconds of outage are 500 attempts, and log lines, of each request.
    """
    sender = producer._sender
    sender._retry_backoff, task = _BACKOFF_LEAST, asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([task], timeout=_AT_EACH * sender._retry_backoff))[0]:
            sender._retry_backoff = min(sender._retry_backoff * 2, _BACKOFF_MAX)
        return task.result()
    finally:
        sender._retry_backoff = _BACKOFF
        task.cancel()


async def discard(producer: AIOKafkaProducer, timeout: float) -> None:
    """Stop the producer within about ``timeout`` seconds, whatever it is doing.

    While the broker is away, ``stop`` waits for ever for batches to be sent. It ends with the error of a request that
    is under way, such as being fenced. What is left is then ended by hand, since the producer's sender would go on. The
    next owner's fence finishes its transaction.
    """
    try:
        async with asyncio.timeout(timeout):
            await producer.stop()
    except BaseException as error:  # also if the caller is cancelled
        log.info("producer %s is ended by hand: %s", producer._txn_manager.transactional_id, words_of(error))
        await asyncio.shield(asyncio.ensure_future(_end_by_hand(producer, timeout)))
        if not isinstance(error, Exception):
            raise
    else:
        if producer._sender.requests:  # an error has ended its sender: then nothing waits for them
            await asyncio.shield(asyncio.ensure_future(_end_by_hand(producer, timeout)))


async def _end_by_hand(producer: AIOKafkaProducer, timeout: float) -> None:
    sender: asyncio.Task[Any] | None = producer._sender.sender_task
    if sender is not None:
        sender.cancel()
    await _close_client(producer, timeout)
    if sender is not None:
        await asyncio.wait({sender}, timeout=_ANSWERS_S)  # it catches that, and waits for answers to what it has sent
        left = {sender, *producer._sender.requests}
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=timeout)
        await _close_client(producer, _ANSWERS_S)  # a request may have connected anew
    _forget_batches(producer)


async def _close_client(producer: AIOKafkaProducer, timeout: float) -> None:
    with contextlib.suppress(Exception):  # of a metadata task that has ended before
        async with asyncio.timeout(timeout):
            await producer.client.close()


def _forget_batches(producer: AIOKafkaProducer) -> None:
    """Cancel unsent batches: whoever waits for them would keep them until the next garbage collection, half an hour or
    more."""
    accumulator = producer._message_accumulator
    for batch in [*chain.from_iterable(accumulator._batches.values()), *accumulator._pending_batches]:
        batch.future.cancel()  # nobody else looks at it any more
    accumulator._batches.clear()
