import asyncio
import contextlib
import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError
from prometheus_client import CollectorRegistry, Gauge
from structlog.testing import capture_logs

from bridge.metrics.kinds import OptionalGauge
from bridge.metrics.shared import KafkaMetrics
from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.topics import ConfigChange, TopicsPlan
from bridge.topics import watch as topics_watch
from bridge.topics.watch import TopicsWatch

RIGHT = TopicsPlan((), (), ())
RATIO = ConfigChange("n.rules.v1", "min.cleanable.dirty.ratio", "0.5", "0.2")
DIFFERS = TopicsPlan((), (RATIO,), ())
SHORT = ConfigChange("n.raw.v1", "retention.ms", "1", "1000")
FORGETS = TopicsPlan((), (SHORT,), ("b has 3 partitions.",))


class Broker:
    """`bridge.topics.plan`: gives one answer after the other, then waits and swallows its cancellation."""

    def __init__(self, *answers: TopicsPlan | Exception) -> None:
        self._answers = list(answers)
        self.exhausted = asyncio.Event()

    async def plan(self, _settings: Settings) -> TopicsPlan:
        if self._answers:
            answer = self._answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        self.exhausted.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return RIGHT


@pytest.fixture
def registry() -> CollectorRegistry:
    """The registry of the watch's gauges."""
    return CollectorRegistry()


async def watched(
    monkeypatch: pytest.MonkeyPatch, *answers: TopicsPlan | Exception, registry: CollectorRegistry | None = None
) -> tuple[TopicsWatch, asyncio.Task[None]]:
    """A watch that has seen these answers and waits for the next."""
    broker = Broker(*answers)
    monkeypatch.setattr("bridge.topics.watch.topics.plan", broker.plan)
    monkeypatch.setattr(topics_watch, "AGAIN_S", 0)
    monkeypatch.setattr(topics_watch, "INTERVAL_S", 0)
    found = registry or CollectorRegistry()
    up = OptionalGauge("up", "as in bridge.metrics", found)
    differing = Gauge("differing", "as in bridge.metrics", ["topic", "name"], registry=found)
    losses = OptionalGauge("losses", "as in bridge.metrics", found)
    expiry = Gauge("expiry", "as in bridge.metrics", ["setting"], registry=found)
    watch = TopicsWatch(Settings(tenant="acme"), KafkaMetrics(up, losses, differing, expiry))
    task = asyncio.create_task(watch.run())
    await broker.exhausted.wait()
    return watch, task


async def test_before_the_first_answer_nothing_counts_as_right(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = await watched(monkeypatch)
    assert watch.kafka()
    assert watch.topics()
    task.cancel()


async def test_what_would_lose_data_is_told_and_forgotten_once_it_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = await watched(monkeypatch, FORGETS)
    assert watch.kafka() is None
    assert watch.topics() == "n.raw.v1 has retention.ms = 1, not 1000. b has 3 partitions."
    task.cancel()
    watch, task = await watched(monkeypatch, FORGETS, RIGHT)
    assert watch.topics() is None
    task.cancel()


async def test_a_setting_that_costs_no_data_is_a_warning_with_both_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = await watched(monkeypatch, DIFFERS)
    assert watch.topics() is None
    told = watch.topic_settings() or ""
    assert "min.cleanable.dirty.ratio = 0.5, not 0.2" in told
    assert "bridge topics apply" in told
    assert "BRIDGE_TOLERATED_TOPIC_SETTINGS" in told
    task.cancel()
    watch, task = await watched(monkeypatch, DIFFERS, RIGHT)
    assert watch.topic_settings() is None
    task.cancel()


async def test_the_log_has_a_line_when_the_differing_settings_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as lines:
        _, task = await watched(monkeypatch, DIFFERS, DIFFERS, RIGHT, DIFFERS)
    task.cancel()
    assert len(lines) == 2


async def test_the_log_has_a_line_when_what_would_lose_data_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    more = TopicsPlan((), (), ("b has 3 partitions.",))
    with capture_logs() as lines:
        _, task = await watched(monkeypatch, FORGETS, FORGETS, more, RIGHT, FORGETS)
    task.cancel()
    told = "n.raw.v1 has retention.ms = 1, not 1000. b has 3 partitions."
    assert [line["what"] for line in lines] == [told, "b has 3 partitions.", told]
    assert {line["log_level"] for line in lines} == {"warning"}


async def test_each_differing_setting_is_a_series_until_it_is_right(
    monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry
) -> None:
    labels = {"topic": RATIO.topic, "name": RATIO.name}
    _, task = await watched(monkeypatch, DIFFERS, registry=registry)
    assert registry.get_sample_value("differing", labels) == 1
    task.cancel()
    other = CollectorRegistry()
    _, task = await watched(monkeypatch, DIFFERS, RIGHT, registry=other)
    assert other.get_sample_value("differing", labels) is None
    task.cancel()


async def test_how_much_would_lose_data_is_a_metric_and_such_a_setting_is_not_among_the_harmless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = TopicsPlan((), (SHORT, RATIO), ("b has 3 partitions.",))
    for answers, losses in (
        ((), None),
        ((RIGHT,), 0),
        ((DIFFERS,), 0),
        ((FORGETS,), 2),
        ((both,), 2),
        ((both, RIGHT), 0),
    ):
        registry = CollectorRegistry()
        _, task = await watched(monkeypatch, *answers, registry=registry)
        assert registry.get_sample_value("losses") == losses
        assert registry.get_sample_value("differing", {"topic": SHORT.topic, "name": SHORT.name}) is None
        task.cancel()


async def test_whether_kafka_answers_is_a_metric_from_the_first_answer_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for answers, expected in (((), None), ((RIGHT,), 1), ((RIGHT, OSError()), 0), ((OSError(), RIGHT), 1)):
        registry = CollectorRegistry()
        _, task = await watched(monkeypatch, *answers, registry=registry)
        assert registry.get_sample_value("up") == expected
        task.cancel()


async def test_the_log_has_a_line_when_kafka_goes_and_one_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics_watch, "time", SimpleNamespace(monotonic=itertools.count(step=7).__next__))
    with capture_logs() as lines:
        _, task = await watched(monkeypatch, RIGHT, OSError("gone"), OSError("gone"), RIGHT, RIGHT)
    task.cancel()
    assert [line["event"] for line in lines] == ["Kafka is away", "Kafka is back"]
    assert "gone" in lines[0]["reason"]
    assert lines[1]["away_s"] == 7


async def test_when_certificates_end_is_told_whether_kafka_answers_or_not(
    monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry
) -> None:
    monkeypatch.setattr(topics_watch, "certificate_expiries", lambda _settings: {"BRIDGE_KAFKA_SSL_CERTFILE": 17.0})
    _, task = await watched(monkeypatch, KafkaConnectionError(), registry=registry)
    assert registry.get_sample_value("expiry", {"setting": "BRIDGE_KAFKA_SSL_CERTFILE"}) == 17
    task.cancel()


async def test_a_certificate_that_nobody_can_read_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry
) -> None:
    def unreadable(_settings: Settings) -> dict[str, float]:
        raise SettingsError("gone")

    monkeypatch.setattr(topics_watch, "certificate_expiries", unreadable)
    watch, task = await watched(monkeypatch, RIGHT, registry=registry)
    assert watch.kafka() is None
    assert not task.done()
    task.cancel()


async def test_a_kafka_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    silence = KafkaConnectionError("no broker")
    watch, task = await watched(monkeypatch, RIGHT, silence, silence)
    assert str(watch.kafka()).startswith("A broker does not answer")
    task.cancel()
    watch, task = await watched(monkeypatch, silence, silence, RIGHT)
    assert watch.kafka() is None
    task.cancel()


async def test_an_answer_that_did_not_come_in_time_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = await watched(monkeypatch, TimeoutError(), TimeoutError())
    assert str(watch.kafka()).startswith("A broker does not answer: ")
    assert "TimeoutError" not in str(watch.kafka())
    task.cancel()


async def test_it_ends_even_if_the_asking_swallows_its_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka does so while it closes a client; SIGTERM then waited for ever."""
    _, task = await watched(monkeypatch)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


@pytest.mark.parametrize("silence", [TimeoutError(), KafkaConnectionError("lost"), NodeNotReadyError()])
async def test_one_broker_that_says_nothing_is_no_outage(monkeypatch: pytest.MonkeyPatch, silence: Exception) -> None:
    with capture_logs() as lines:
        watch, task = await watched(monkeypatch, RIGHT, silence, RIGHT, silence, RIGHT)
    assert watch.kafka() is None
    assert lines == []
    task.cancel()


async def test_which_kafka_it_is_stays_known_while_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, task = await watched(monkeypatch)
    assert watch.cluster_id is None
    task.cancel()
    watch, task = await watched(monkeypatch, replace(RIGHT, cluster_id="abc"), SettingsError("away"))
    assert (watch.cluster_id, watch.kafka() is None) == ("abc", False)
    task.cancel()
