"""When a service may write: by the recorded rules, and by how long it has not read them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Self

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, TopicAuthorizationFailedError
from structlog.testing import capture_logs

from bridge.boottime import Moment
from bridge.kafka.words import in_words
from bridge.refusals import RulesMismatch, TopicsRefused
from bridge.rules import watch as rules_watch
from bridge.rules.rules import Recorded, Rules, rules_of
from bridge.rules.watch import LEASE_S, RulesWatch
from bridge.settings import Settings
from bridge.topics import TopicsPlan
from bridge.topics.spec import specs

SETTINGS = Settings(tenant="acme")
SAME = Recorded.first(rules_of(SETTINGS))
NINE = Rules(9, {}, "1-abc")
OTHER = Recorded.first(NINE)


class Topic:
    """The rules topic: gives one answer after the other, then waits. Each question advances `now` by one, but not
    `wall`, the wall clock."""

    def __init__(self, *answers: Recorded | Exception) -> None:
        self._answers: Iterator[Recorded | Exception] = iter(answers)
        self.exhausted = asyncio.Event()
        self.now = self.wall = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def read(self) -> Recorded:
        answer = next(self._answers, None)
        if answer is None:
            self.exhausted.set()
            await asyncio.Event().wait()
            raise AssertionError
        self.now += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


def watching(monkeypatch: pytest.MonkeyPatch, topic: Topic) -> tuple[RulesWatch, asyncio.Task[None]]:
    monkeypatch.setattr(rules_watch, "RulesReader", lambda _settings: topic)
    monkeypatch.setattr(rules_watch, "INTERVAL_S", 0)
    watch = RulesWatch(SETTINGS, lambda: Moment(topic.now, topic.wall))
    return watch, asyncio.create_task(watch.run())


async def test_before_the_first_comparison_nothing_may_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = watching(monkeypatch, Topic())
    assert watch.problem()
    task.cancel()


async def test_the_same_rules_again_prolong_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = Topic(*[SAME] * 3)
    watch, task = watching(monkeypatch, topic)
    watch.confirm(SAME, watch.now())
    await topic.exhausted.wait()
    topic.now = 2 + LEASE_S
    assert watch.problem() is None
    topic.now += 0.1
    assert "could not be read" in str(watch.problem())
    task.cancel()


async def test_a_lease_that_was_held_by_a_paused_guest_is_good_for_nothing_until_the_next_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the wall clock tells of the pause. If it is set forward, as after a wrong start, it tells the same."""
    topic = Topic(SAME)
    watch, task = watching(monkeypatch, topic)
    watch.confirm(SAME, watch.now())
    topic.wall += LEASE_S + 1
    assert "could not be read" in str(watch.problem())
    await topic.exhausted.wait()
    assert watch.problem() is None
    task.cancel()


async def test_no_answer_lets_the_lease_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = Topic(*[KafkaConnectionError("no broker")] * (int(LEASE_S) + 1))
    watch, task = watching(monkeypatch, topic)
    watch.confirm(SAME, watch.now())
    assert watch.problem() is None
    await topic.exhausted.wait()
    assert watch.objection() == "the recorded rules could not be read for 15 s"
    assert watch.problem() == f"{watch.objection()}: {in_words(KafkaConnectionError(), SETTINGS)}"
    task.cancel()


async def test_why_there_was_no_answer_is_forgotten_with_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    topic = Topic(TopicAuthorizationFailedError("newstore.rules.v1"), SAME)
    watch, task = watching(monkeypatch, topic)
    watch.confirm(SAME, watch.now())
    await topic.exhausted.wait()
    topic.now += LEASE_S + 1
    assert watch.problem() == watch.objection() == "the recorded rules could not be read for 15 s"
    task.cancel()


REFUSED = TopicsRefused("Kafka refused newstore.rules.v1.")
REFUSED.__cause__ = TopicAuthorizationFailedError("newstore.rules.v1")
MISSING = TopicsPlan(tuple(spec for spec in specs(SETTINGS) if spec.name == "newstore.rules.v1"), (), ())


@pytest.mark.parametrize("silence", [TimeoutError(), KafkaTimeoutError("Failed to get offsets by times in 1 ms")])
@pytest.mark.parametrize(
    ("topics", "told"),
    [
        (MISSING, "missing topics: newstore.rules.v1"),
        (REFUSED, "TOPIC_AUTHORIZATION_FAILED (newstore.rules.v1)"),
        (TopicsPlan((), (), ()), "A broker does not answer"),
        (KafkaConnectionError("no broker"), "A broker does not answer"),
    ],
)
async def test_the_log_says_why_there_is_no_answer_where_the_topics_tell(
    monkeypatch: pytest.MonkeyPatch, silence: Exception, topics: TopicsPlan | Exception, told: str
) -> None:
    async def plan(_settings: Settings) -> TopicsPlan:
        if isinstance(topics, Exception):
            raise topics
        return topics

    monkeypatch.setattr("bridge.rules.watch.topics.plan", plan)
    topic = Topic(silence)
    with capture_logs() as lines:
        watch, task = watching(monkeypatch, topic)
        watch.confirm(SAME, watch.now())
        await topic.exhausted.wait()
    task.cancel()
    assert [told in line["error"] for line in lines] == [True]


async def test_an_announced_migration_forbids_writing_until_the_same_rules_are_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    announced = SAME.announcing(NINE)
    topic = Topic(announced)
    watch, task = watching(monkeypatch, topic)
    watch.confirm(SAME, watch.now())
    await topic.exhausted.wait()
    assert "9 partitions" in str(watch.problem())
    task.cancel()
    topic = Topic(announced, SAME)
    watch, task = watching(monkeypatch, topic)
    watch.confirm(SAME, watch.now())
    await topic.exhausted.wait()
    assert watch.problem() is None
    task.cancel()


async def test_other_rules_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = watching(monkeypatch, Topic(SAME, OTHER))
    watch.confirm(SAME, watch.now())
    with pytest.raises(RulesMismatch):
        await task
    assert watch.problem()


async def test_rules_that_are_added_are_no_objection_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ingress goes on; a worker sees that it has to begin anew."""
    adopting = replace(SAME, adopting=frozenset({"loyalty.card_issued"}))
    topic = Topic(SAME, adopting)
    watch, task = watching(monkeypatch, topic)
    watch.confirm(SAME, watch.now())
    await topic.exhausted.wait()
    assert (watch.problem(), watch.recorded) == (None, adopting)
    task.cancel()
