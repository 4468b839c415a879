import asyncio
import contextlib
from datetime import timedelta

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from bridge.rules import RulesMismatch
from ingress import writer as module
from ingress.answers import RecordRefused, Unavailable
from ingress.group_commit import Producer as AnyProducer
from ingress.writer import Writer
from tests.unit.ingress.fakes import Kafka, Producer, ReadyProducer, connected, record, running


async def has_a_producer(writer: Writer) -> None:
    """Return once it is connected, whatever it says about what it tried before."""
    while writer.problem == "no connection to Kafka":
        await asyncio.sleep(0)


QUICK = timedelta(milliseconds=100)
"""Of acknowledgement: a silent producer is replaced after half of it."""


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


async def test_a_deployment_with_other_rules_ends_it() -> None:
    with pytest.raises(RulesMismatch):
        await Writer(Kafka(RulesMismatch("other rules")).connect, QUICK).run()


async def test_a_broken_producer_is_replaced_and_abandoned() -> None:
    broken, fresh = ReadyProducer({b"1": KafkaConnectionError("sender ended")}), ReadyProducer()
    async with running(Kafka(broken, fresh)) as writer:
        await connected(writer)
        with pytest.raises(Unavailable):
            await writer.append(record(b"1"))
        await broken.abandoned.wait()
        await connected(writer)
        await writer.append(record(b"2"))
    assert fresh.sent == [(0, [b"2"])]


async def test_a_silent_producer_is_replaced_and_its_records_are_given_up() -> None:
    silent = Producer()
    kafka = Kafka(silent)
    async with running(kafka, QUICK) as writer:
        await connected(writer)
        with pytest.raises(Unavailable):
            await writer.append(record(b"1"))
        await silent.abandoned.wait()
        await kafka.exhausted.wait()
        assert writer.problem


async def test_after_silence_one_probe_passes_and_its_acknowledgement_lets_all_others_pass() -> None:
    silent, fresh = Producer(), Producer()
    async with running(Kafka(silent, fresh), QUICK) as writer:
        await connected(writer)
        with pytest.raises(Unavailable):
            await writer.append(record(b"1"))
        await silent.abandoned.wait()
        await connected(writer)
        probe = asyncio.create_task(writer.append(record(b"probe")))
        await fresh.batches(1)
        with pytest.raises(Unavailable):
            await writer.append(record(b"2"))
        fresh.outcomes[0].set_result(None)
        await probe
        after = asyncio.create_task(writer.append(record(b"3")))
        await fresh.batches(2)
        fresh.outcomes[1].set_result(None)
        await after
    assert fresh.sent == [(0, [b"probe"]), (0, [b"3"])]


async def test_a_writer_whose_records_all_come_to_nothing_says_so_though_it_is_connected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingress.unacknowledged.STANDSTILL_S", 0.0)
    lost = KafkaConnectionError("nobody acknowledges")
    kafka = Kafka(*(ReadyProducer({b"%d" % number: lost}) for number in range(2)), ReadyProducer())
    async with running(kafka) as writer:
        for number in range(2):
            await has_a_producer(writer)
            with pytest.raises(Unavailable):
                await writer.append(record(b"%d" % number))
        await has_a_producer(writer)
        assert writer.problem
        assert "acknowledged nothing" in writer.problem
        await writer.append(record(b"2"))
        assert writer.problem is None


async def test_of_a_batch_that_was_refused_each_record_is_judged_alone() -> None:
    """One record that Kafka cannot hold must not make its neighbours be answered 400."""
    refused = {b"bad": MessageSizeTooLargeError()}
    first, *others = [ReadyProducer(refused) for _ in range(4)]
    async with running(Kafka(first, *others)) as writer:
        await connected(writer)
        results = await asyncio.gather(
            *(writer.append(record(value)) for value in (b"good", b"bad")), return_exceptions=True
        )
    assert results[0] is None
    assert isinstance(results[1], RecordRefused)
    assert first.sent == [(0, [b"good", b"bad"])]


async def test_ending_it_fails_what_still_waits() -> None:
    producer = Producer()
    async with running(Kafka(producer)) as writer:
        await connected(writer)
        waiting = asyncio.create_task(writer.append(record(b"1")))
        await producer.batches(1)
    with pytest.raises(Unavailable):
        await waiting
    assert producer.abandoned.is_set()


async def test_it_ends_even_if_the_connecting_swallows_its_cancellation() -> None:
    """aiokafka does so while it closes a client; SIGTERM then waited for ever."""
    producer, asked = Producer(), asyncio.Event()

    async def connect() -> AnyProducer:
        asked.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return producer

    writer = Writer(connect, QUICK)
    task = asyncio.create_task(writer.run())
    await asked.wait()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert writer.problem
    await producer.abandoned.wait()
