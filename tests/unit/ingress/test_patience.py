"""How long records wait for a slow or stuck producer, and which are no longer sent."""

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from bridge.kafka.words import error_name
from ingress.answers import Unavailable
from ingress.group_commit import GroupCommit
from tests.unit.ingress.committing import Clock, commit_through, outcome
from tests.unit.ingress.fakes import Producer, record


async def test_few_wait_for_a_partition_that_stands_still() -> None:
    """Waiting records hold places that requests for other partitions need."""
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock)
    commit.append(record(b"1"))
    await producer.batches(1)
    for value, partition in ((b"2", 0), (b"3", 0), (b"4", 1), (b"5", 1), (b"6", 2)):
        commit.append(record(value, partition))  # more than two, but the partition has not stood still for long
    clock.now = 1.1
    for partition in (0, 1):
        with pytest.raises(Unavailable, match="stands still"):
            commit.append(record(b"7", partition))
    commit.append(record(b"8", partition=2))


async def test_a_batch_is_waited_for_no_longer_than_patience_has_it() -> None:
    producer = Producer()
    commit = commit_through(producer, patience=0.01)
    assert await outcome(commit.append(record(b"1"))) is Unavailable
    assert producer.given_up == [[b"1"]]


async def test_a_record_has_an_outcome_at_its_deadline_whatever_the_producer_does() -> None:
    """This includes a record that joined its batch later, and a record behind that batch."""
    producer = Producer(room=2)
    commit = GroupCommit(producer, Clock(), error_name, patience=60, deadline=0.01, most_waiting=9)
    acks = [commit.append(record(value)) for value in (b"1", b"2", b"3")]
    await producer.batches(1)
    assert [await outcome(ack) for ack in acks] == [Unavailable] * 3
    producer.outcomes[0].set_result(None)  # too late: nobody waits, and the next batch goes on
    await producer.batches(2)


async def test_nobody_joins_a_batch_that_is_past_its_deadline() -> None:
    """The record would have no deadline: the batch's has passed."""
    producer = Producer()
    commit = GroupCommit(producer, Clock(), error_name, patience=60, deadline=0.01, most_waiting=9)
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
    commit = GroupCommit(producer, Clock(), error_name, patience=60, deadline=0.01, most_waiting=9)
    acks = [commit.append(record(value)) for value in (b"1", b"2")]
    await producer.batches(1)
    producer.outcomes[0].set_exception(MessageSizeTooLargeError())
    await producer.batches(2)
    assert [await outcome(ack) for ack in acks] == [Unavailable] * 2


async def test_what_has_waited_before_is_given_up_as_long_after_it_began_to() -> None:
    """The record's request is answered 500 then. If sent later, the record would be stored all the same. Nor does it
    join a younger batch."""
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock, patience=5.01)
    clock.now = 4.0
    commit.append(record(b"1", 1))
    await producer.batches(1)
    clock.now = 5.0
    commit.append(record(b"2", 1))
    commit.append(record(b"3", 1), 4.5)
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


async def test_what_has_waited_too_long_behind_another_is_not_sent_any_more() -> None:
    """The batch's requests are answered 500 at about this time."""
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock, patience=9)
    first = commit.append(record(b"1"))
    await producer.batches(1)
    second = commit.append(record(b"2"))
    clock.now = 9.5
    producer.outcomes[0].set_result(None)
    assert [await outcome(first), await outcome(second)] == [None, Unavailable]
    assert producer.sent == [(0, [b"1"])]


async def test_a_producer_that_tells_nothing_of_anything_is_stuck() -> None:
    clock = Clock()
    commit = commit_through(Producer(), clock, patience=0.01)
    clock.now = 1.0  # later than the producer's last outcome
    assert await outcome(commit.append(record(b"1"))) is Unavailable
    assert commit.stuck.is_set()


@pytest.mark.parametrize("failure", [None, KafkaConnectionError()])
async def test_a_producer_that_reports_anything_is_not_stuck(failure: Exception | None) -> None:
    producer, clock = Producer(), Clock()
    commit = commit_through(producer, clock, patience=0.1)
    clock.now = 0.5
    silent, told = commit.append(record(b"1", 0)), commit.append(record(b"2", 1))
    await producer.batches(2)
    clock.now = 1.0
    if failure is None:
        producer.outcomes[1].set_result(None)
    else:
        producer.outcomes[1].set_exception(failure)
    assert [await outcome(ack) for ack in (silent, told)] == [Unavailable, None if failure is None else Unavailable]
    assert not commit.stuck.is_set()
