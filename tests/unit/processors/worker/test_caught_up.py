"""Who may say that all of raw is folded, and when."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from faust.types import TP
from structlog.testing import capture_logs

from bridge.kafka.reading import Offsets
from bridge.kafka.words import in_words
from bridge.settings import Settings
from processors.engine.lag import Reading
from processors.engine.log_ends import LogBounds, LogEnds
from processors.engine.outages import Unanswered
from processors.engine.overrides.metadata import Broker
from processors.worker import caught_up as caught_up_module
from processors.worker.caught_up import CaughtUp, Question

ORDERS = TP("newstore.orders.v1", 1)
BROKER = Broker(1, "kafka", 9092)
SETTINGS = Settings(tenant="acme", partitions=2)


@pytest.mark.parametrize(
    ("end", "position", "reading", "answered"),
    [
        (None, 9, Reading(9, 99), False),  # raw is not processed, or nobody knows
        (9, 9, None, True),
        (9, 10, None, True),
        (0, 0, None, True),  # nothing was ever there
        (9, 8, None, False),
        (9, 8, Reading(8, 9), True),  # what is left are transaction markers
        (9, 8, Reading(7, 9), True),  # the lane has passed over others of them
        (9, 8, Reading(8, 8), False),  # what is left was not fetched
        (9, 7, Reading(8, 9), False),  # what was fetched is not folded
    ],
)
def test_a_lane_is_behind_an_end_once_it_has_folded_all_records_before_it(
    end: int | None, position: int, reading: Reading | None, *, answered: bool
) -> None:
    question = Question(ORDERS, end, lambda: {} if reading is None else {ORDERS: reading})
    assert question.is_answered(position) is answered


class Kafka:
    """Answers for the ends, one after the other, and when raw is processed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.raw_end, self.orders_end = 5, 70
        self.unanswered = self.failures = 0
        self.processed = asyncio.Event()
        self.waited_for: list[Offsets] = []
        kafka = self

        async def bounds(_self: LogEnds, tps: list[TopicPartition]) -> dict[TopicPartition, LogBounds | Unanswered]:
            if kafka.unanswered:
                kafka.unanswered -= 1
                return {tp: Unanswered("it has no leader", None) for tp in tps[:1]} | logs(tps[1:])
            return logs(tps)

        def logs(tps: list[TopicPartition]) -> dict[TopicPartition, LogBounds | Unanswered]:
            ends = {tp: kafka.raw_end if "raw" in tp.topic else kafka.orders_end for tp in tps}
            return {tp: LogBounds(2, end - 1, end, BROKER, 0) for tp, end in ends.items()}

        async def until_processed(_self: CaughtUp, _begins: Offsets, ends: Offsets) -> None:
            if kafka.failures:
                kafka.failures -= 1
                raise KafkaConnectionError
            kafka.waited_for.append(ends)
            await kafka.processed.wait()

        monkeypatch.setattr(LogEnds, "bounds", bounds)
        monkeypatch.setattr(CaughtUp, "_until_processed", until_processed)
        monkeypatch.setattr(caught_up_module, "_PAUSE_S", 0.01)


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    return Kafka(monkeypatch)


@contextmanager
def running(caught_up: CaughtUp) -> Iterator[None]:
    task = asyncio.create_task(caught_up.run(dict))
    try:
        yield
    finally:
        task.cancel()


async def answered(question: Question) -> int:
    """The question's answer. TimeoutError: none came within 10 s."""
    async with asyncio.timeout(10):
        while question.end is None:
            await asyncio.sleep(0.01)
    return question.end


async def test_the_end_of_orders_is_asked_for_when_raw_is_processed(kafka: Kafka) -> None:
    caught_up = CaughtUp(SETTINGS)
    question = caught_up.ask(1)
    with running(caught_up):
        while not kafka.waited_for:
            await asyncio.sleep(0.01)
        assert question.end is None
        kafka.orders_end = 80  # with what dedupe has written since
        kafka.processed.set()
        assert await answered(question) == 80
    assert (question.tp, kafka.waited_for) == (ORDERS, [{TopicPartition("newstore.raw.v1", n): 5 for n in range(2)}])


async def test_who_asks_later_gets_raw_as_it_is_then(kafka: Kafka) -> None:
    caught_up = CaughtUp(SETTINGS)
    with running(caught_up):
        first = caught_up.ask(0)
        while not kafka.waited_for:
            await asyncio.sleep(0.01)
        second, third = caught_up.ask(0), caught_up.ask(1)
        kafka.raw_end = 6
        kafka.processed.set()
        for question in (first, second, third):
            await answered(question)
    assert [set(ends.values()) for ends in kafka.waited_for] == [{5}, {6}]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("unanswered", "newstore.raw.v1/0: it has no leader"),
        ("failures", in_words(KafkaConnectionError(), SETTINGS)),
    ],
)
async def test_while_kafka_does_not_answer_nothing_is_known(kafka: Kafka, fault: str, said: str) -> None:
    setattr(kafka, fault, 3)
    kafka.processed.set()
    caught_up = CaughtUp(SETTINGS)
    question = caught_up.ask(0)
    with capture_logs() as lines, running(caught_up):
        assert await answered(question) == 70
    assert getattr(kafka, fault) == 0
    assert [line["reason"] for line in lines] == [said] * 3


@pytest.mark.parametrize(("begin", "told"), [(2, [3, 4, 5]), (5, [])])
async def test_raw_is_processed_once_the_group_is_at_all_its_ends(
    monkeypatch: pytest.MonkeyPatch, begin: int, told: list[int]
) -> None:
    """Where raw has nothing nobody is asked: the group may have no offset."""
    raw = [TopicPartition("newstore.raw.v1", number) for number in range(2)]
    asked: list[int] = []

    async def further(_admin: object, _group: str, _consumer: object, done: Offsets, ends: Offsets) -> Offsets:
        asked.append(done[raw[0]] + 1)
        return {raw[0]: done[raw[0]] + 1, raw[1]: ends[raw[1]]}

    @asynccontextmanager
    async def client(*_: object) -> AsyncIterator[None]:
        yield

    for name, fake in (("further", further), ("admin_client", client), ("reader", client), ("_PAUSE_S", 0.0)):
        monkeypatch.setattr(caught_up_module, name, fake)
    await CaughtUp(SETTINGS)._until_processed(dict.fromkeys(raw, begin), dict.fromkeys(raw, 5))
    assert asked == told
