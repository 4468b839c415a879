"""A batch that Kafka refuses for one of its records: the others are stored, and nothing keeps the refused one."""

import gc
import sys
from collections.abc import Callable

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, RecordListTooLargeError, for_code
from structlog.testing import capture_logs

from bridge.kafka.aiokafka_defects import InvalidRecordError
from ingress.answers import RecordRefused
from tests.unit.ingress.committing import commit_through, outcome
from tests.unit.ingress.fakes import Producer, ReadyProducer, record

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (MessageSizeTooLargeError, "MESSAGE_TOO_LARGE"),
        (RecordListTooLargeError, "RECORD_LIST_TOO_LARGE"),
        (InvalidRecordError, "INVALID_RECORD"),
    ],
)
async def test_kafkas_objection_to_a_record_concerns_that_record_alone(
    error: Callable[[], Exception], name: str
) -> None:
    producer = ReadyProducer({b"bad": error()})
    commit = commit_through(producer)
    values = [b"1", b"2", b"bad", b"3", b"4"]
    acks = [commit.append(record(value)) for value in values]
    with capture_logs() as lines:
        outcomes = [await outcome(ack) for ack in acks]
    assert str(acks[2].exception()) == name
    assert [line["error"] for line in lines if line["event"] == "Kafka does not take records"][-1:] == [name]
    assert outcomes == [None, None, RecordRefused, None, None]
    assert [values for _, values in producer.sent if b"bad" not in values] == [[b"1", b"2"], [b"3", b"4"]]


@pytest.mark.parametrize("error", [MessageSizeTooLargeError(), InvalidRecordError()])
async def test_a_refused_record_leaves_its_partition_as_it_was_however_often_it_comes(error: Exception) -> None:
    producer = ReadyProducer({b"bad": error})
    commit = commit_through(producer)
    for _ in range(3):
        assert await outcome(commit.append(record(b"bad")))
        assert [await outcome(commit.append(record(value))) for value in (b"1", b"2")] == [None, None]


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (MessageSizeTooLargeError(), "error"),
        (RecordListTooLargeError(), "error"),
        (InvalidRecordError(), "warning"),
    ],
)
async def test_of_a_topic_that_takes_less_than_our_own_limit_lets_through_the_log_has_an_error(
    error: Exception, level: str
) -> None:
    """NewStore gives up what is answered 400, and does so until the topic is put right."""
    commit = commit_through(ReadyProducer({b"bad": error}))
    with capture_logs() as lines:
        for ack in [commit.append(record(value)) for value in (b"1", b"bad")]:
            await outcome(ack)
    assert [line["log_level"] for line in lines] == ["warning", level]
    assert lines[-1]["topic"] == "raw"


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
    assert [await outcome(ack) for ack in (*acks, late)] == [None, RecordRefused, None]
    assert [values for _, values in producer.sent] == [[b"1", b"bad"], [b"1"], [b"bad"], [b"late"]]


def test_aiokafka_gives_invalid_record_its_own_error() -> None:
    """Without bridge.kafka.aiokafka_defects, aiokafka 0.14.0 answers UnknownError, which would be retried for ever."""
    assert for_code(87) is InvalidRecordError


@pytest.mark.parametrize("error", [MessageSizeTooLargeError(), KafkaConnectionError()])
async def test_a_record_that_kafka_does_not_take_is_kept_by_nothing(error: Exception) -> None:
    """With the collector off: the error's frames hold the batch, whose future holds the error."""
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
