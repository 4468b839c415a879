import asyncio
import gc
import sys
import time
from collections.abc import Callable

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    for_code,
)

from bridge.kafka.aiokafka_defects import InvalidRecordError
from ingress.answers import RecordRefused, Unavailable
from ingress.group_commit import GroupCommit, Replaced
from tests.unit.ingress.fakes import Producer, ReadyProducer, record


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def commit_through(
    producer: Producer, clock: Callable[[], float] | None = None, *, patience: float = 60, deadline: float = 120
) -> GroupCommit:
    return GroupCommit(producer, clock or Clock(), patience=patience, deadline=deadline, most_waiting=2)


async def outcome(ack: asyncio.Future[None]) -> type[Exception] | None:
    try:
        await ack
    except Exception as error:  # noqa: BLE001 - its type is what the test asks for
        return type(error)
    return None


async def test_with_nothing_in_flight_a_record_is_sent_at_once() -> None:
    producer = Producer()
    commit_through(producer).append(record(b"1"))
    await producer.batches(1)
    assert producer.sent == [(0, [b"1"])]


async def test_what_arrives_meanwhile_shares_the_next_batch() -> None:
    producer = Producer()
    commit = commit_through(producer)
    commit.append(record(b"1"))
    await producer.batches(1)
    for value in (b"2", b"3", b"4"):
        commit.append(record(value))
    producer.outcomes[0].set_result(None)
    await producer.batches(2)
    assert producer.sent == [(0, [b"1"]), (0, [b"2", b"3", b"4"])]


async def test_a_record_is_acknowledged_only_with_its_own_batch() -> None:
    producer = Producer()
    commit = commit_through(producer)
    first = commit.append(record(b"1"))
    await producer.batches(1)
    second = commit.append(record(b"2"))
    producer.outcomes[0].set_result(None)
    await first
    await producer.batches(2)
    assert not second.done()
    producer.outcomes[1].set_result(None)
    await second


async def test_one_batch_of_a_partition_is_in_flight_at_a_time_and_partitions_do_not_wait_for_each_other() -> None:
    producer = Producer(room=1)
    commit = commit_through(producer)
    for value, partition in ((b"1", 0), (b"2", 0), (b"3", 1)):
        commit.append(record(value, partition))
    await producer.batches(2)
    assert producer.sent == [(0, [b"1"]), (1, [b"3"])]


async def test_a_full_batch_is_followed_by_another() -> None:
    producer = Producer(room=2)
    commit = commit_through(producer)
    acks = [commit.append(record(bytes([value]))) for value in range(5)]
    for sent in (1, 2, 3):
        await producer.batches(sent)
        producer.outcomes[-1].set_result(None)
    await asyncio.gather(*acks)
    assert [len(values) for _, values in producer.sent] == [2, 2, 1]


async def test_a_failure_fails_its_batch_and_what_waits_behind_it() -> None:
    producer = Producer()
    commit = commit_through(producer)
    acks = [commit.append(record(b"1"))]
    await producer.batches(1)
    acks.append(commit.append(record(b"2")))
    producer.outcomes[0].set_exception(KafkaConnectionError())
    assert [await outcome(ack) for ack in acks] == [Unavailable, Unavailable]
    assert len(producer.sent) == 1


async def test_a_failure_concerns_no_other_partition() -> None:
    producer = Producer()
    commit = commit_through(producer)
    fails, other = commit.append(record(b"1", 0)), commit.append(record(b"2", 1))
    await producer.batches(2)
    producer.outcomes[0].set_exception(KafkaConnectionError())
    assert await outcome(fails) is Unavailable
    producer.outcomes[1].set_result(None)
    await other
    later = commit.append(record(b"3", 1))
    await producer.batches(3)
    producer.outcomes[2].set_result(None)
    await later


async def test_where_one_failed_one_a_second_is_tried_until_one_is_acknowledged() -> None:
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock)
    first = commit.append(record(b"1"))
    await producer.batches(1)
    producer.outcomes[0].set_exception(KafkaConnectionError())
    assert await outcome(first) is Unavailable
    probe = commit.append(record(b"probe"))
    with pytest.raises(Unavailable):
        commit.append(record(b"2"))
    await producer.batches(2)
    clock.now = 1.0
    second_probe = commit.append(record(b"another"))
    producer.outcomes[1].set_result(None)
    await probe
    await producer.batches(3)
    producer.outcomes[2].set_result(None)
    await second_probe
    commit.append(record(b"3"))
    commit.append(record(b"4"))


async def test_few_wait_for_a_partition_that_stands_still() -> None:
    """What waits holds places that requests for other partitions need."""
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock)
    commit.append(record(b"1"))
    await producer.batches(1)
    for value in (b"2", b"3"):  # more than two, but it has not stood still for long
        commit.append(record(value))
    clock.now = 1.1
    with pytest.raises(Unavailable, match="stands still"):
        commit.append(record(b"4"))
    commit.append(record(b"5", partition=1))


async def test_a_batch_is_waited_for_no_longer_than_patience_has_it() -> None:
    producer = Producer()
    commit = commit_through(producer, patience=0.01)
    assert await outcome(commit.append(record(b"1"))) is Unavailable
    assert producer.given_up == [[b"1"]]


async def test_a_record_has_an_outcome_at_its_deadline_whatever_the_producer_does() -> None:
    """Also one that joined its batch later, and one behind it."""
    producer = Producer(room=2)
    commit = GroupCommit(producer, Clock(), patience=60, deadline=0.01, most_waiting=9)
    acks = [commit.append(record(value)) for value in (b"1", b"2", b"3")]
    await producer.batches(1)
    assert [await outcome(ack) for ack in acks] == [Unavailable] * 3
    producer.outcomes[0].set_result(None)  # told too late: nobody waits, and the next ones go on
    await producer.batches(2)


async def test_nobody_joins_a_batch_that_is_past_its_deadline() -> None:
    """It would have none: the batch's has been."""
    producer = Producer()
    commit = GroupCommit(producer, Clock(), patience=60, deadline=0.01, most_waiting=9)
    acks = [commit.append(record(b"1"))]
    await producer.batches(1)
    for value in (b"2", b"3"):
        acks.append(commit.append(record(value)))
        assert await outcome(acks[-1]) is Unavailable
    producer.outcomes[0].set_result(None)
    await producer.batches(2)
    assert producer.sent[1] == (0, [b"2"])


async def test_half_a_batch_has_the_deadline_of_the_whole() -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock(), patience=60, deadline=0.01, most_waiting=9)
    acks = [commit.append(record(value)) for value in (b"1", b"2")]
    await producer.batches(1)
    producer.outcomes[0].set_exception(MessageSizeTooLargeError())
    await producer.batches(2)
    assert [await outcome(ack) for ack in acks] == [Unavailable] * 2


async def test_what_has_waited_before_is_given_up_as_long_after_it_began_to() -> None:
    """Its request is answered 500 then: sent later, it would be stored all the same. Nor does it join a younger one."""
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock, patience=5.01)
    clock.now = 5.0
    commit.append(record(b"1", 1))
    await producer.batches(1)
    commit.append(record(b"2", 1))
    commit.append(record(b"3", 1), 4.0)
    assert await outcome(commit.append(record(b"4"), 0.0)) is Unavailable
    assert producer.given_up == [[b"4"]]
    producer.outcomes[0].set_result(None)
    await producer.batches(3)
    assert producer.sent[2] == (1, [b"2"])


async def test_what_has_waited_too_long_before_fails_nobody_else() -> None:
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock, patience=5)
    clock.now = 5.0
    with pytest.raises(Unavailable, match="in time"):
        commit.append(record(b"1"), 0.0)
    commit.append(record(b"2"))
    await producer.batches(1)
    assert producer.sent == [(0, [b"2"])]


async def test_each_request_gets_an_exception_of_its_own() -> None:
    """A shared one would grow by a traceback with every request that raises it."""
    producer = Producer()
    commit = commit_through(producer)
    acks = [commit.append(record(b"1")), commit.append(record(b"2"))]
    await producer.batches(1)
    producer.outcomes[0].set_exception(KafkaConnectionError())
    assert [await outcome(ack) for ack in acks] == [Unavailable, Unavailable]
    assert acks[0].exception() is not acks[1].exception()


@pytest.mark.parametrize("error", [MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError])
async def test_kafkas_objection_to_a_record_concerns_that_record_alone(error: Callable[[], Exception]) -> None:
    producer = ReadyProducer({b"bad": error()})
    commit = commit_through(producer)
    values = [b"1", b"2", b"bad", b"3", b"4"]
    outcomes = [await outcome(ack) for ack in [commit.append(record(value)) for value in values]]
    assert outcomes == [None, None, RecordRefused, None, None]
    assert [values for _, values in producer.sent if b"bad" not in values] == [[b"1", b"2"], [b"3", b"4"]]


async def test_a_refused_record_leaves_its_partition_as_it_was() -> None:
    producer = ReadyProducer({b"bad": MessageSizeTooLargeError()})
    commit = commit_through(producer)
    assert await outcome(commit.append(record(b"bad"))) is RecordRefused
    assert [await outcome(commit.append(record(value))) for value in (b"1", b"2")] == [None, None]


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


async def test_what_has_waited_too_long_behind_another_is_not_sent_any_more() -> None:
    """Its requests are answered 500 about now."""
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock, patience=9)
    first = commit.append(record(b"1"))
    await producer.batches(1)
    second = commit.append(record(b"2"))
    clock.now = 9.5
    producer.outcomes[0].set_result(None)
    assert [await outcome(first), await outcome(second)] == [None, Unavailable]
    assert producer.sent == [(0, [b"1"])]


def test_aiokafka_gives_invalid_record_its_own_error() -> None:
    """Without bridge.kafka.aiokafka_defects aiokafka 0.14.0 answers UnknownError, which would be retried for ever."""
    assert for_code(87) is InvalidRecordError


async def test_a_request_that_was_cancelled_does_not_disturb_its_batch() -> None:
    producer = Producer()
    commit = commit_through(producer)
    gone, here = commit.append(record(b"1")), commit.append(record(b"2"))
    await producer.batches(1)
    gone.cancel()
    producer.outcomes[0].set_result(None)
    await here


async def test_closing_leaves_what_waits_in_flight_and_behind_to_the_next_one() -> None:
    producer = Producer()
    commit = commit_through(producer)
    first = commit.append(record(b"1"))
    await producer.batches(1)
    second = commit.append(record(b"2"))
    commit.close()
    assert [await outcome(ack) for ack in (first, second)] == [Replaced, Replaced]


async def test_a_producer_that_tells_nothing_of_anything_is_stuck() -> None:
    commit = commit_through(Producer(), time.monotonic, patience=0.01)
    assert await outcome(commit.append(record(b"1"))) is Unavailable
    assert commit.stuck.is_set()


async def test_a_producer_that_reports_a_failure_is_not_stuck() -> None:
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock, patience=0.1)
    silent, failed = commit.append(record(b"1", 0)), commit.append(record(b"2", 1))
    await producer.batches(2)
    clock.now = 1.0
    producer.outcomes[1].set_exception(KafkaConnectionError())
    assert [await outcome(ack) for ack in (silent, failed)] == [Unavailable, Unavailable]
    assert not commit.stuck.is_set()


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
