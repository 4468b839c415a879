import asyncio
import contextlib
from datetime import timedelta

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, TopicAuthorizationFailedError
from structlog.testing import capture_logs

from bridge.kafka.words import error_name
from bridge.refusals import RulesMismatch, TopicsMissing
from ingress import writer as module
from ingress.answers import RecordRefused, Unavailable
from ingress.causes import DeliveryCause
from ingress.group_commit import Producer as AnyProducer
from ingress.writer import Writer
from tests.unit.ingress.fakes import Kafka, Producer, ReadyProducer, connected, record, running

QUICK = timedelta(milliseconds=100)
"""The acknowledgement timeout: a silent producer is replaced after about this time."""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0)


async def test_without_a_connection_a_record_is_refused_at_once() -> None:
    async with running(Kafka()) as writer:
        with pytest.raises(Unavailable):
            await writer.append(record(b"1"))
        assert writer.problem


async def test_connecting_is_tried_until_it_works() -> None:
    producer = ReadyProducer()
    async with running(Kafka(KafkaConnectionError("no broker"), RuntimeError("whatever"), producer)) as writer:
        await connected(writer)
        await writer.append(record(b"1"))
    assert producer.sent == [(0, [b"1"])]


async def test_between_two_tries_is_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 3600)
    kafka = Kafka(KafkaConnectionError("no broker"))
    async with running(kafka) as writer:
        for _ in range(20):
            await asyncio.sleep(0)
        assert writer.problem == "no connection to Kafka: Kafka does not answer"
        assert not kafka.exhausted.is_set()


async def test_why_there_is_no_connection_is_what_readiness_says_and_a_line_once() -> None:
    away, refused = KafkaConnectionError("no broker"), TopicAuthorizationFailedError()
    kafka = Kafka(away, away, refused, refused)
    with capture_logs() as lines:
        async with running(kafka) as writer:
            await kafka.exhausted.wait()
            assert writer.problem == "no connection to Kafka: TOPIC_AUTHORIZATION_FAILED"
    assert [line["event"].partition(": ")[2] for line in lines] == [error_name(away), error_name(refused)]


async def test_what_the_bridge_itself_lacks_is_not_told_as_a_kafka_that_is_away() -> None:
    kafka = Kafka(TopicsMissing("missing topics: newstore.raw.v1"))
    async with running(kafka) as writer:
        await kafka.exhausted.wait()
        assert writer.problem == "missing topics: newstore.raw.v1"


async def test_while_the_rules_forbid_a_producer_deliveries_are_told_so() -> None:
    kafka = Kafka(Unavailable("a migration is under way", DeliveryCause.RULES))
    async with running(kafka) as writer:
        await kafka.exhausted.wait()
        assert writer.problem == "a migration is under way"
        with pytest.raises(Unavailable, match="under way") as told:
            await writer.append(record(b"1"))
        assert told.value.cause is DeliveryCause.RULES


async def test_an_objection_of_the_rules_is_no_standstill_of_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """`/readyz` has a line of its own for the rules, and is ready as soon as they are read again."""
    monkeypatch.setattr("ingress.unacknowledged.STANDSTILL_S", 0.0)
    async with running(Kafka(ReadyProducer({b"1": Unavailable("not read", DeliveryCause.RULES_UNREAD)}))) as writer:
        await connected(writer)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await writer.append(record(b"1"))
        assert writer.problem is None


async def test_a_deployment_with_other_rules_ends_it() -> None:
    with pytest.raises(RulesMismatch):
        await Writer(Kafka(RulesMismatch("other rules")).connect, QUICK, 8, error_name).run()


async def test_a_producer_that_has_ended_is_replaced_and_what_waited_for_it_is_tried_again() -> None:
    ended, fresh = Producer(), Producer()
    async with running(Kafka(ended, fresh)) as writer:
        await connected(writer)
        waiting = [asyncio.create_task(writer.append(record(value))) for value in (b"1", b"2")]
        await ended.batches(1)
        ended.broken.set()
        await fresh.batches(1)
        fresh.outcomes[0].set_result(None)
        await asyncio.gather(*waiting)
        await ended.abandoned.wait()
    assert ended.sent == fresh.sent == [(0, [b"1", b"2"])]


async def test_a_producer_that_tells_nothing_is_replaced_and_its_records_are_given_up() -> None:
    silent, fresh = Producer(), ReadyProducer()
    async with running(Kafka(silent, fresh), QUICK) as writer:
        await connected(writer)
        tries = [asyncio.create_task(writer.append(record(b"%d" % number, partition=number))) for number in range(2)]
        with pytest.raises(Unavailable):
            await tries[0]
        while not silent.abandoned.is_set():
            with contextlib.suppress(Unavailable):
                await writer.append(record(b"again", partition=2))
        await writer.append(record(b"3", partition=3))
        await asyncio.gather(*tries, return_exceptions=True)
    assert (3, [b"3"]) in fresh.sent


async def test_with_its_successor_a_record_has_no_more_time_than_was_left() -> None:
    """Each producer may take nearly the whole timeout, but both together must not take twice as long."""
    ended, silent = Producer(), Producer()
    async with running(Kafka(ended, silent)) as writer:
        await connected(writer)
        writing = asyncio.create_task(writer.append(record(b"1")))
        await ended.batches(1)
        writer._patience = 0.0  # as if the time were over
        ended.broken.set()
        with pytest.raises(Unavailable, match="replaced"):
            await writing
        assert silent.sent == []


async def test_until_its_successor_stands_a_producer_keeps_its_place() -> None:
    """Connecting may take as long as Kafka is away. Meanwhile the old producer may get an answer after all."""
    ended = ReadyProducer()
    kafka = Kafka(ended)
    async with running(kafka) as writer:
        await connected(writer)
        ended.broken.set()
        await kafka.exhausted.wait()
        await writer.append(record(b"1"))
    assert ended.sent == [(0, [b"1"])]


async def test_a_writer_whose_records_all_come_to_nothing_says_so_though_it_is_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingress.unacknowledged.STANDSTILL_S", 0.0)
    lost = KafkaConnectionError("nobody acknowledges")
    async with running(Kafka(ReadyProducer({b"bad": lost}))) as writer:
        await connected(writer)
        for partition in range(2):
            with pytest.raises(Unavailable):
                await writer.append(record(b"bad", partition))
        assert writer.problem
        assert "acknowledged nothing" in writer.problem
        await writer.append(record(b"2", partition=2))
        assert writer.problem is None


async def test_records_that_are_too_large_for_their_topic_are_answered_and_no_standstill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingress.unacknowledged.STANDSTILL_S", 0.0)
    async with running(Kafka(ReadyProducer({b"bad": MessageSizeTooLargeError()}))) as writer:
        await connected(writer)
        for _ in range(2):
            with pytest.raises(RecordRefused):
                await writer.append(record(b"bad"))
        assert writer.problem is None


async def test_ending_it_fails_what_still_waits() -> None:
    producer = Producer()
    async with running(Kafka(producer)) as writer:
        await connected(writer)
        waiting = asyncio.create_task(writer.append(record(b"1")))
        await producer.batches(1)
    with pytest.raises(Unavailable):
        await waiting
    assert producer.abandoned.is_set()


@pytest.mark.parametrize("fails", [False, True])
async def test_it_ends_even_if_the_connecting_swallows_its_cancellation(fails: bool) -> None:
    """aiokafka swallows it while it closes a client; SIGTERM then waited for ever."""
    producer, asked = Producer(), asyncio.Event()

    async def connect() -> AnyProducer:
        asked.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        if fails:
            raise KafkaConnectionError
        return producer

    writer = Writer(connect, QUICK, 8, error_name)
    task = asyncio.create_task(writer.run())
    await asked.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert writer.problem
    if not fails:
        await producer.abandoned.wait()
