"""A producer's options, what it must know before it is used, and when there is none."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, UnknownTopicOrPartitionError

from bridge.boottime import Moment
from bridge.refusals import Migrating
from bridge.rules.rules import Recorded, rules_of
from bridge.rules.watch import LEASE_S, RulesWatch
from bridge.settings import Settings
from ingress import producer as module
from ingress.answers import Unavailable
from ingress.causes import DeliveryCause
from ingress.producer import BATCH_BYTES, FirstContact, KafkaProducer

SETTINGS = Settings(tenant="acme", ingress_ack_timeout=timedelta(seconds=10))
RECORDED = Recorded.first(rules_of(SETTINGS))


class Aiokafka:
    """aiokafka's producer, as far as connecting needs it; `made` is the latest."""

    made: "Aiokafka | None" = None
    lacks: str | None = None

    def __init__(self, **options: Any) -> None:
        Aiokafka.made = self
        self.options = options
        self.did: list[str] = []
        self.client = SimpleNamespace(cluster=SimpleNamespace(brokers=set, leader_for_partition=lambda _: 1))
        self._sender = SimpleNamespace(_send_produce_req=None)

    async def start(self) -> None:
        self.did.append("start")
        if self.lacks == "an answer":
            await asyncio.Event().wait()
        if self.lacks == "brokers":
            raise KafkaConnectionError

    async def partitions_for(self, topic: str) -> None:
        self.did.append(topic)
        if topic == self.lacks:
            raise UnknownTopicOrPartitionError

    async def stop(self) -> None:
        self.did.append("stop")


@pytest.fixture(autouse=True)
def aiokafka(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Aiokafka, "made", None)
    monkeypatch.setattr(module, "AIOKafkaProducer", Aiokafka)


def made() -> Aiokafka:
    assert Aiokafka.made
    return Aiokafka.made


async def options(settings: Settings = SETTINGS) -> dict[str, Any]:
    """The options that aiokafka's producer gets."""
    await KafkaProducer.connect(settings, lambda: None)
    return made().options


async def test_what_is_acknowledged_is_on_all_replicas() -> None:
    """By default aiokafka waits for the leader alone: a record that only the leader has is lost with its disk."""
    assert (await options())["acks"] == "all"


async def test_a_record_may_be_as_large_as_topics_take_and_a_batch_of_several_is_not() -> None:
    found = await options()
    assert found["max_request_size"] == SETTINGS.max_message_bytes > found["max_batch_size"] == BATCH_BYTES
    small = SETTINGS.model_copy(update={"ingress_max_body_bytes": 1000})
    assert (await options(small))["max_batch_size"] == small.max_message_bytes < BATCH_BYTES


async def test_two_tries_take_less_time_than_a_request_is_waited_for() -> None:
    """Each try takes as long as the request's time allows, so that a slow Kafka is not taken for one that is away."""
    assert (await options())["request_timeout_ms"] == 4_000
    assert SETTINGS.ingress_ack_timeout == timedelta(seconds=10)


async def test_both_topics_are_known_before_the_first_event_comes() -> None:
    await options()
    assert made().did == ["start", SETTINGS.topics.raw, SETTINGS.topics.quarantine]


@pytest.mark.parametrize("lacks", ["brokers", "an answer", SETTINGS.topics.raw, SETTINGS.topics.quarantine])
async def test_one_that_cannot_be_used_is_stopped(monkeypatch: pytest.MonkeyPatch, lacks: str) -> None:
    """While Kafka is away, a producer is made each second: what each one holds would add up."""
    monkeypatch.setattr(Aiokafka, "lacks", lacks)
    with pytest.raises((KafkaConnectionError, UnknownTopicOrPartitionError, TimeoutError)):
        async with asyncio.timeout(0):
            await options()
    assert made().did[-1] == "stop"


class Rules:
    """The rules topic and the clock. Each answer takes a second."""

    def __init__(self, *answers: Recorded | Exception) -> None:
        self.answers = list(answers)
        self.now = 100.0
        self.watch = RulesWatch(SETTINGS, lambda: Moment(self.now, 0.0))
        self.contact = FirstContact(SETTINGS, self.watch)

    async def first_contact(self, _settings: Settings) -> Recorded:
        self.now += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> Rules:
    rules = Rules(KafkaConnectionError(), RECORDED)
    monkeypatch.setattr(module, "first_contact", rules.first_contact)
    return rules


async def test_until_the_rules_were_compared_there_is_no_producer_and_then_they_are_not_asked_for_again(
    rules: Rules,
) -> None:
    with pytest.raises(KafkaConnectionError):
        await rules.contact.connect()
    assert Aiokafka.made is None
    await rules.contact.connect()
    await rules.contact.connect()
    assert rules.answers == []


async def test_what_the_rules_were_is_known_for_as_long_as_if_it_had_been_answered_at_once(rules: Rules) -> None:
    """The lease starts with the question: a migration may have been announced just after it."""
    rules.answers.pop(0)
    await rules.contact.connect()
    rules.now = 100.0 + LEASE_S
    assert rules.watch.problem() is None
    rules.now += 0.1
    assert rules.watch.problem()


async def test_who_starts_during_a_migration_says_so_and_not_that_kafka_is_away(rules: Rules) -> None:
    rules.answers[:] = [Migrating("A migration is under way.")]
    with pytest.raises(Unavailable, match="under way") as error:
        await rules.contact.connect()
    assert error.value.cause is DeliveryCause.RULES


async def test_deliveries_are_not_told_which_broker_did_not_answer(rules: Rules) -> None:
    """Readiness and the log name the broker; a delivery's answer may go to anybody."""
    rules.answers.pop(0)
    producer = await rules.contact.connect()
    rules.now += LEASE_S + 1
    rules.watch.unread = "Broker 7 does not answer"
    with pytest.raises(Unavailable, match=r"could not be read for 15 s$"):
        await producer.send_batch(SimpleNamespace(size=lambda: 1), "raw", 1)


@pytest.mark.parametrize("cause", [DeliveryCause.RULES, DeliveryCause.RULES_UNREAD])
async def test_an_objection_of_the_rules_holds_up_the_next_producer_and_this_one(
    rules: Rules, cause: DeliveryCause
) -> None:
    rules.answers.pop(0)
    producer = await rules.contact.connect()
    if cause is DeliveryCause.RULES:
        rules.watch.refusal = "a migration is under way"
    else:
        rules.now += LEASE_S + 1
    for refused in (rules.contact.connect(), producer.send_batch(SimpleNamespace(size=lambda: 1), "raw", 1)):
        with pytest.raises(Unavailable) as error:
            await refused
        assert error.value.cause is cause
