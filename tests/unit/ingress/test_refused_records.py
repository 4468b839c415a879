"""A batch that Kafka refuses for one of its records: the others are stored, and nothing of that one is kept."""

import gc
import sys
from collections.abc import Callable

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, RecordListTooLargeError, for_code

from bridge.kafka.aiokafka_defects import InvalidRecordError
from ingress.answers import RecordRefused, Unavailable
from ingress.causes import KAFKA_AWAY, Cause
from tests.unit.ingress.committing import commit_through, outcome
from tests.unit.ingress.fakes import Producer, ReadyProducer, record

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(
    ("error", "name", "told"),
    [
        (MessageSizeTooLargeError, "MESSAGE_TOO_LARGE", Unavailable),
        (RecordListTooLargeError, "RECORD_LIST_TOO_LARGE", Unavailable),
        (InvalidRecordError, "INVALID_RECORD", RecordRefused),
    ],
)
async def test_kafkas_objection_to_a_record_concerns_that_record_alone(
    error: Callable[[], Exception], name: str, told: type[Exception]
) -> None:
    """Of one that is too large the topic is at fault, which must take all that our own limit lets through: it comes
    again until that is put right."""
    producer = ReadyProducer({b"bad": error()})
    commit = commit_through(producer)
    values = [b"1", b"2", b"bad", b"3", b"4"]
    acks = [commit.append(record(value)) for value in values]
    outcomes = [await outcome(ack) for ack in acks]
    assert str(acks[2].exception()) == name
    assert outcomes == [None, None, told, None, None]
    assert [values for _, values in producer.sent if b"bad" not in values] == [[b"1", b"2"], [b"3", b"4"]]


@pytest.mark.parametrize("error", [MessageSizeTooLargeError(), InvalidRecordError()])
async def test_a_refused_record_leaves_its_partition_as_it_was_however_often_it_comes(error: Exception) -> None:
    producer = ReadyProducer({b"bad": error})
    commit = commit_through(producer)
    for _ in range(3):
        assert await outcome(commit.append(record(b"bad")))
        assert [await outcome(commit.append(record(value))) for value in (b"1", b"2")] == [None, None]


async def test_one_that_is_too_large_for_its_topic_has_a_cause_of_its_own() -> None:
    """It is no outage: the topic takes others."""
    with pytest.raises(Unavailable) as told:
        await commit_through(ReadyProducer({b"bad": MessageSizeTooLargeError()})).append(record(b"bad"))
    assert told.value.cause is Cause.TOPIC_LIMIT
    assert Cause.TOPIC_LIMIT not in KAFKA_AWAY


async def test_what_arrives_while_a_refused_batch_is_looked_into_comes_after_it() -> None:
    producer = Producer()
    commit = commit_through(producer)
    acks = [commit.append(record(value)) for value in (b"1", b"bad")]
    await producer.batches(1)
    late = commit.append(record(b"late"))
    producer.outcomes[0].set_exception(MessageSizeTooLargeError())
    for sent, error in ((2, None), (3, MessageSizeTooLargeError()), (4, None)):
        await producer.batches(sent)
        producer.outcomes[-1].set_exception(error) if error else producer.outcomes[-1].set_result(None)
    assert [await outcome(ack) for ack in (*acks, late)] == [None, Unavailable, None]
    assert [values for _, values in producer.sent] == [[b"1", b"bad"], [b"1"], [b"bad"], [b"late"]]


def test_aiokafka_gives_invalid_record_its_own_error() -> None:
    """Without bridge.kafka.aiokafka_defects aiokafka 0.14.0 answers UnknownError, which would be retried for ever."""
    assert for_code(87) is InvalidRecordError


@pytest.mark.parametrize("error", [MessageSizeTooLargeError(), KafkaConnectionError()])
async def test_a_record_that_kafka_does_not_take_is_kept_by_nothing(error: Exception) -> None:
    """With the collector off: the error's frames have the batch, whose future has the error."""
    body = bytes(1000)
    producer = ReadyProducer({body: error})
    commit = commit_through(producer)
    gc.collect()
    gc.disable()
    try:
        before = sys.getrefcount(body)
        assert await outcome(commit.append(record(body)))
        producer.sent.clear()
        assert error.__traceback__ is None
        assert sys.getrefcount(body) == before
    finally:
        gc.enable()
