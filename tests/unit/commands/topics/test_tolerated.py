"""What is said of settings that may differ, before and after Kafka takes them."""

import sys

import pytest

from bridge.settings import Settings
from bridge.topics import ConfigChange, NotSet, TopicsPlan, TopicState, difference, specs, tolerated_differences
from commands.doctor.deployment import tolerated_of
from commands.doctor.finding import State
from commands.topics.command import _told

BEFORE = "message.timestamp.before.max.ms"
RATIO = "min.cleanable.dirty.ratio"


def settings(*tolerated: str) -> Settings:
    return Settings(tenant="acme", tolerated_topic_settings=",".join(tolerated))


@pytest.mark.parametrize(
    ("dataset", "name", "loses"), [("raw", BEFORE, True), ("orders", BEFORE, False), ("raw", "segment.ms", False)]
)
def test_without_bounds_of_its_timestamps_raw_is_not_called_safe(dataset: str, name: str, loses: bool) -> None:
    topic = f"newstore.{dataset}.v1"
    *_, last = _told(settings(), [NotSet(ConfigChange(topic, name, None, "1"), "Unknown topic config name")])
    assert ("may be lost" in last, "no data are lost" in last) == (loses, not loses)
    assert last.endswith(f"To go on like that: BRIDGE_TOLERATED_TOPIC_SETTINGS={name}")


async def test_a_tolerated_entry_is_named_once_kafka_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """This happens after an upgrade, for example: Kafka before 3.6 has no bounds of timestamps."""
    known: dict[str, str] = {}

    async def plan(given: Settings) -> TopicsPlan:
        made = specs(given)
        states = {
            each.name: TopicState(
                each.partitions, each.replication, {k: v for k, v in each.config.items() if k != BEFORE} | known
            )
            for each in made
        }
        return difference(made, states, given.tolerated_topic_settings)

    monkeypatch.setattr(sys.modules[tolerated_differences.__module__], "plan", plan)
    given = settings(BEFORE, "retention.ms")
    assert await tolerated_differences(given) == ()
    known[BEFORE] = "9223372036854775807"
    assert await tolerated_differences(settings()) == ()
    found = await tolerated_differences(given)
    assert {(each.name, each.actual) for each in found} == {(BEFORE, known[BEFORE])}
    (told,) = tolerated_of(given, found)
    assert told.state is State.WARNING
    assert f"{BEFORE}, which this Kafka knows: newstore.raw.v1 has 9223372036854775807, not 43200000" in told.what
    assert told.what.endswith(f", and {len(found) - 1} more topics differ")


def test_what_does_not_guard_from_clocks_may_differ_for_good() -> None:
    (told,) = tolerated_of(settings(), [ConfigChange("newstore.rules.v1", RATIO, "0.5", "0.2")])
    assert (told.state, told.remedies) == (State.OK, ())
