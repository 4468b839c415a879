"""Records that share batches: which ones, in what order, and what a failing record means for the others."""

import asyncio
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, RequestTimedOutError
from structlog.testing import capture_logs

from ingress.answers import Unavailable
from ingress.causes import DeliveryCause
from ingress.group_commit import Replaced
from tests.unit.ingress.committing import Clock, commit_through, outcome
from tests.unit.ingress.fakes import Batch, Producer, ReadyProducer, record


async def test_with_nothing_in_flight_a_record_is_sent_at_once() -> None:
    producer = Producer()
    commit_through(producer).append(record(b"1"))
    await producer.batches(1)
    assert producer.sent == [(0, [b"1"])]


async def test_all_of_a_record_is_handed_over() -> None:
    handed_over: list[dict[str, object]] = []

    class Kept(Batch):
        def append(self, **given: Any) -> object | None:
            handed_over.append(given)
            return super().append(**given)

    producer = ReadyProducer()
    producer.create_batch = lambda: Kept(1)  # type: ignore[method-assign]
    await commit_through(producer).append(record(b"1")._replace(headers=[("ce_id", b"7")]))
    assert handed_over == [
        {"timestamp": 1_700_000_000_000, "key": b"order.created", "value": b"1", "headers": [("ce_id", b"7")]}
    ]


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


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (KafkaConnectionError(), DeliveryCause.KAFKA_ERROR),
        (RequestTimedOutError(), DeliveryCause.NOT_ACKNOWLEDGED),
        (KafkaTimeoutError(), DeliveryCause.NOT_ACKNOWLEDGED),
        (Unavailable("a migration is under way", DeliveryCause.RULES), DeliveryCause.RULES),
    ],
)
async def test_a_failure_is_told_by_its_cause(error: Exception, cause: DeliveryCause) -> None:
    """Otherwise alarms could not distinguish a silent Kafka, a Kafka that refuses, and the bridge's own objection."""
    with pytest.raises(Unavailable) as told:
        await commit_through(ReadyProducer({b"1": error})).append(record(b"1"))
    assert told.value.cause is cause


async def test_an_objection_of_the_bridges_own_is_told_to_every_delivery_and_none_is_held_against_kafka() -> None:
    """Kafka was not asked, so there is nothing to probe. Otherwise later deliveries would hear of a silent Kafka, and a
    migration would raise the alarm of an outage."""
    producer = ReadyProducer({b"1": Unavailable("a migration is under way", DeliveryCause.RULES)})
    commit = commit_through(producer)
    with capture_logs() as lines:
        for _ in range(3):
            with pytest.raises(Unavailable, match="under way") as told:
                await commit.append(record(b"1"))
            assert told.value.cause is DeliveryCause.RULES
        await commit.append(record(b"2"))
    assert lines == []  # the edge logs the objection


async def test_an_objection_takes_the_place_of_a_silent_kafka_for_every_delivery() -> None:
    """In an outage of all of Kafka, a partition is on probation before the rules have been unread for long. All
    deliveries but one a second would go on hearing of the silence."""
    away, unread = KafkaConnectionError(), Unavailable("not read", DeliveryCause.RULES_UNREAD)
    commit = commit_through(ReadyProducer({b"1": away, b"2": unread}))
    assert await outcome(commit.append(record(b"1"))) is Unavailable
    for _ in range(3):
        with pytest.raises(Unavailable, match="not read") as told:
            await commit.append(record(b"2"))
        assert told.value.cause is DeliveryCause.RULES_UNREAD


async def test_the_log_says_where_kafka_takes_nothing_and_why() -> None:
    with capture_logs() as lines:
        await outcome(commit_through(ReadyProducer({b"1": KafkaConnectionError("no broker")})).append(record(b"1", 3)))
    told = {"event": "Kafka does not take records", "error": "Kafka does not answer", "topic": "raw", "partition": 3}
    assert lines == [{**told, "log_level": "warning"}]


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


async def test_each_request_gets_an_exception_of_its_own() -> None:
    """A shared exception would grow by a traceback with each request that raises it."""
    producer = Producer()
    commit = commit_through(producer)
    acks = [commit.append(record(b"1")), commit.append(record(b"2"))]
    await producer.batches(1)
    producer.outcomes[0].set_exception(KafkaConnectionError())
    assert [await outcome(ack) for ack in acks] == [Unavailable, Unavailable]
    assert acks[0].exception() is not acks[1].exception()


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
    while not producer.given_up:  # otherwise the old producer would still wait for record 1, beside the next producer
        await asyncio.sleep(0)


async def test_a_partition_whose_sender_failed_has_another_with_the_next_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The partition once waited for the dead sender as long as the producer lived."""
    producer, mistake = Producer(), ZeroDivisionError("a mistake of ours")
    commit = commit_through(producer)
    first = commit.append(record(b"1"))
    (partition,) = commit._partitions.values()
    failing = partition.sender
    assert failing is not None
    with monkeypatch.context() as once:
        once.setattr(commit, "_delivered", AsyncMock(side_effect=mistake))
        await asyncio.wait({failing})
    assert failing.exception() is mistake
    second = commit.append(record(b"2"))
    for sent in (1, 2):
        await producer.batches(sent)
        producer.outcomes[-1].set_result(None)
    assert [await outcome(ack) for ack in (first, second)] == [None, None]
