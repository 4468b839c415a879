"""`bridge topics apply --wait` waits until Kafka answers, and no longer than was said."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed

from bridge.refusals import TopicsRefused
from commands.topics.waiting import PASSING, wait_for


class Kafka:
    """Raises these answers in turn, then succeeds."""

    def __init__(self, *answers: Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def ask(self) -> None:
        """Raise the next answer, if one is left."""
        self.asked += 1
        if self.answers:
            raise self.answers.pop(0)


async def test_it_asks_until_kafka_answers_and_tells_each_reason_once() -> None:
    away = KafkaConnectionError("nobody")
    kafka, told = Kafka(away, away, SaslAuthenticationFailed("unknown user")), list[BaseException]()
    await wait_for(kafka.ask, 60, told.append, pause_s=0)
    assert kafka.asked == 4
    assert [type(each) for each in told] == [KafkaConnectionError, SaslAuthenticationFailed]


async def test_what_kafka_said_last_is_raised_when_time_is_over() -> None:
    kafka = Kafka(*[KafkaConnectionError("nobody")] * 9)
    with pytest.raises(KafkaConnectionError):
        await wait_for(kafka.ask, 0, lambda _: None, pause_s=0)
    assert kafka.asked == 1


async def test_a_broker_that_says_nothing_is_asked_again() -> None:
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            await asyncio.Event().wait()

    await wait_for(ask, 60, lambda _: None, patience_s=0.01, pause_s=0)
    assert asked == 2


async def test_a_refusal_is_an_answer() -> None:
    """Time does not make it better."""
    kafka = Kafka(*[TopicsRefused("no")] * 2)
    with pytest.raises(TopicsRefused):
        await wait_for(kafka.ask, 60, lambda _: None, pause_s=0)
    assert kafka.asked == 1


async def test_where_others_make_the_topics_time_may_make_it_better() -> None:
    kafka = Kafka(*[TopicsRefused("raw does not exist")] * 2)
    await wait_for(kafka.ask, 60, lambda _: None, passing=(*PASSING, TopicsRefused), pause_s=0)
    assert kafka.asked == 3
