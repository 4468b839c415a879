import asyncio
from collections.abc import Callable

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    for_code,
)

from ingress.answers import RecordRefused, Unavailable
from ingress.group_commit import GroupCommit, RefusedTogether
from ingress.invalid_record import InvalidRecordError
from tests.unit.ingress.fakes import Producer, record


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def outcome(ack: asyncio.Future[None]) -> type[Exception] | None:
    try:
        await ack
    except Exception as error:  # noqa: BLE001 - its type is what the test asks for
        return type(error)
    return None


async def test_with_nothing_in_flight_a_record_is_sent_at_once() -> None:
    producer = Producer()
    GroupCommit(producer, Clock()).append(record(b"1"))
    await producer.batches(1)
    assert producer.sent == [(0, [b"1"])]


async def test_what_arrives_meanwhile_shares_the_next_batch() -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock())
    commit.append(record(b"1"))
    await producer.batches(1)
    for value in (b"2", b"3", b"4"):
        commit.append(record(value))
    producer.outcomes[0].set_result(None)
    await producer.batches(2)
    assert producer.sent == [(0, [b"1"]), (0, [b"2", b"3", b"4"])]


async def test_a_record_is_acknowledged_only_with_its_own_batch() -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock())
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
    commit = GroupCommit(producer, Clock())
    for value, partition in ((b"1", 0), (b"2", 0), (b"3", 1)):
        commit.append(record(value, partition))
    await producer.batches(2)
    assert producer.sent == [(0, [b"1"]), (1, [b"3"])]


async def test_a_full_batch_is_followed_by_another() -> None:
    producer = Producer(room=2)
    commit = GroupCommit(producer, Clock())
    acks = [commit.append(record(bytes([value]))) for value in range(5)]
    for sent in (1, 2, 3):
        await producer.batches(sent)
        producer.outcomes[-1].set_result(None)
    await asyncio.gather(*acks)
    assert [len(values) for _, values in producer.sent] == [2, 2, 1]


async def test_a_failure_fails_its_batch_and_says_that_the_producer_is_of_no_more_use() -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock())
    acks = [commit.append(record(b"1")), commit.append(record(b"2"))]
    await producer.batches(1)
    producer.outcomes[0].set_exception(OutOfOrderSequenceNumber())
    assert [await outcome(ack) for ack in acks] == [Unavailable, Unavailable]
    assert isinstance(await commit.broken, OutOfOrderSequenceNumber)


async def test_each_request_gets_an_exception_of_its_own() -> None:
    """A shared one would grow by a traceback with every request that raises it."""
    producer = Producer()
    commit = GroupCommit(producer, Clock())
    acks = [commit.append(record(b"1")), commit.append(record(b"2"))]
    await producer.batches(1)
    producer.outcomes[0].set_exception(KafkaConnectionError())
    await commit.broken
    assert acks[0].exception() is not acks[1].exception()


@pytest.mark.parametrize("error", [MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError])
async def test_kafkas_objection_to_a_record_is_told_apart_from_its_troubles(error: Callable[[], Exception]) -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock())
    alone = commit.append(record(b"1"))
    await producer.batches(1)
    together = [commit.append(record(b"2")), commit.append(record(b"3"))]
    producer.outcomes[0].set_exception(error())
    await producer.batches(2)
    producer.outcomes[1].set_exception(error())
    assert await outcome(alone) is RecordRefused
    assert [await outcome(ack) for ack in together] == [RefusedTogether, RefusedTogether]


def test_aiokafka_gives_invalid_record_its_own_error() -> None:
    """Without ingress.invalid_record aiokafka 0.14.0 answers UnknownError, which would be retried for ever."""
    assert for_code(87) is InvalidRecordError


async def test_a_missing_permission_for_one_topic_does_not_stop_the_others() -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock())
    ack = commit.append(record(b"1"))
    await producer.batches(1)
    producer.outcomes[0].set_exception(TopicAuthorizationFailedError("quarantine"))
    assert await outcome(ack) is Unavailable
    assert not commit.broken.done()


async def test_a_request_that_was_cancelled_does_not_disturb_its_batch() -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock())
    gone, here = commit.append(record(b"1")), commit.append(record(b"2"))
    await producer.batches(1)
    gone.cancel()
    producer.outcomes[0].set_result(None)
    await here


async def test_closing_fails_what_waits_in_flight_and_behind() -> None:
    producer = Producer()
    commit = GroupCommit(producer, Clock())
    first = commit.append(record(b"1"))
    await producer.batches(1)
    second = commit.append(record(b"2"))
    commit.close()
    assert [await outcome(ack) for ack in (first, second)] == [Unavailable, Unavailable]


async def test_silence_counts_from_the_last_acknowledgement_or_the_oldest_record_whichever_came_later() -> None:
    producer, clock = Producer(), Clock()
    commit = GroupCommit(producer, clock)
    clock.now = 100.0
    assert not commit.overdue(100.0, silence=5, patience=9)
    commit.append(record(b"1"))
    await producer.batches(1)
    assert not commit.overdue(105.0, silence=5, patience=9)
    assert commit.overdue(105.1, silence=5, patience=9)


async def test_a_record_may_wait_its_time_even_while_other_partitions_are_acknowledged() -> None:
    producer, clock = Producer(), Clock()
    commit = GroupCommit(producer, clock)
    commit.append(record(b"1", partition=0))
    other = commit.append(record(b"2", partition=1))
    await producer.batches(2)
    clock.now = 8.0
    producer.outcomes[1].set_result(None)
    await other
    assert not commit.overdue(9.0, silence=5, patience=9)
    assert commit.overdue(9.1, silence=5, patience=9)
