"""`bridge topics` and the recorded rules, on real Kafka."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from bridge import topics
from bridge.refusals import TopicsRefused
from bridge.rules.rules import Recorded, rules_of
from bridge.rules.topic import read_rules
from bridge.settings import Settings
from bridge.topics import TopicSpec, specs
from tests.integration.commands.broker import Broker
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import end_offset


def test_plan_names_every_topic_and_creates_none(bridge: Run, broker: Broker) -> None:
    result = bridge("topics", "plan", "-o", "json")
    plan = json.loads(result.stdout)
    assert result.exit_code == 0
    assert len(plan["create"]) == 15
    assert broker.topics() == {}


def test_check_says_what_is_missing_and_is_exit_1(bridge: Run) -> None:
    result = bridge("topics", "check", "-o", "json")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["problems"]) == 15


def test_apply_creates_everything_as_check_wants_it(bridge: Run, broker: Broker) -> None:
    assert bridge("topics", "apply", "--yes").exit_code == 0
    assert len(broker.topics()) == 15
    assert broker.config("raw")["retention.ms"] == str(400 * 24 * 3600 * 1000)
    checked = bridge("topics", "check", "-o", "json")
    assert (checked.exit_code, json.loads(checked.stdout)) == (0, {"ok": True, "problems": []})


def test_apply_without_a_terminal_shows_its_plan_and_wants_yes(bridge: Run, broker: Broker) -> None:
    result = bridge("topics", "apply")
    assert result.exit_code == 2
    assert "create" in result.stderr
    assert "--yes" in result.stderr
    assert broker.topics() == {}


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("command", [("topics", "plan"), ("verify", "--wait", "0s")])
def test_other_rules_than_the_recorded_ones_are_a_wrong_setting(
    bridge: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Under them, everything in the topics would look wrong."""
    table = tmp_path / "keys.yaml"
    table.write_text("order.created: {key: [external_id], content: false, documented: true}\n")
    result = bridge(*command, idempotency_keys=str(table))
    assert result.exit_code == 2
    assert "set up with" in result.stderr


@pytest.mark.parametrize("command", [("topics", "check"), ("verify",)])
def test_tls_files_that_cannot_be_used_are_a_wrong_setting(
    bridge: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    certificate = tmp_path / "ca.pem"
    certificate.write_text("no certificate")
    result = bridge(*command, kafka_security_protocol="SSL", kafka_ssl_cafile=str(certificate))
    assert result.exit_code == 2
    assert "BRIDGE_KAFKA_SSL_CAFILE" in result.stderr


@pytest.mark.usefixtures("applied")
def test_apply_again_changes_nothing(bridge: Run) -> None:
    again = bridge("topics", "apply", "--yes")
    assert again.exit_code == 0
    assert "Nothing to do" in again.stderr


@pytest.mark.usefixtures("applied")
def test_apply_sets_what_differs_and_leaves_the_rest(bridge: Run, broker: Broker) -> None:
    """What an operator has set beside the bridge's entries stays."""
    broker.set_config("orders", "retention.ms", "1000")
    broker.set_config("orders", "segment.bytes", "16777216")
    assert "retention.ms = 1000" in bridge("topics", "check").stdout
    assert bridge("topics", "apply", "--yes").exit_code == 0
    config = broker.config("orders")
    assert config["retention.ms"] == str(30 * 24 * 3600 * 1000)
    assert config["segment.bytes"] == "16777216"
    assert bridge("topics", "check").exit_code == 0


@pytest.mark.usefixtures("applied")
def test_apply_touches_no_record(bridge: Run, broker: Broker, settings: Settings) -> None:
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap_servers[0]})
    producer.produce(settings.topics.raw, b"an event", partition=1)
    producer.flush()
    broker.set_config("raw", "max.message.bytes", "1048576")
    assert bridge("topics", "apply", "--yes").exit_code == 0
    assert end_offset(settings, settings.topics.raw, 1) == 1


@pytest.mark.usefixtures("applied")
def test_a_segment_below_the_largest_record_is_told_and_raised(bridge: Run, broker: Broker) -> None:
    broker.set_config("raw", "segment.bytes", "1048576")
    checked = bridge("topics", "check")
    assert (checked.exit_code, "segment.bytes = 1048576, not 8388608 or more" in checked.stdout) == (1, True)
    assert bridge("topics", "apply", "--yes").exit_code == 0
    assert broker.config("raw")["segment.bytes"] == "8388608"
    assert bridge("topics", "check").exit_code == 0


@pytest.mark.usefixtures("applied")
def test_a_tolerated_setting_passes_and_is_left_alone_but_none_that_loses_data(bridge: Run, broker: Broker) -> None:
    broker.set_config("order-state", "min.cleanable.dirty.ratio", "0.5")
    broker.set_config("raw", "retention.ms", "1000")
    tolerated = {"tolerated_topic_settings": "min.cleanable.dirty.ratio, retention.ms"}
    assert bridge("topics", "check").exit_code == 1
    checked = bridge("topics", "check", **tolerated)
    assert checked.exit_code == 1
    assert "min.cleanable.dirty.ratio" not in checked.stdout
    assert "BRIDGE_TOLERATED_TOPIC_SETTINGS does not cover it" in checked.stdout
    assert bridge("topics", "apply", "--yes", **tolerated).exit_code == 0
    assert broker.config("raw")["retention.ms"] == str(400 * 24 * 3600 * 1000)
    assert broker.config("order-state")["min.cleanable.dirty.ratio"] == "0.5"
    checked = bridge("topics", "check", **tolerated)
    assert (checked.exit_code, "has 0.5, not 0.2" in checked.stderr) == (0, True)


@pytest.fixture
def refused_setting(monkeypatch: pytest.MonkeyPatch) -> str:
    """A setting that the broker refuses, on one topic beside settings that it takes."""
    name = "bridge.no.such.setting"

    def with_it(settings: Settings) -> tuple[TopicSpec, ...]:
        return tuple(
            replace(spec, config={**spec.config, name: "1"}) if "order-state" in spec.name else spec
            for spec in specs(settings)
        )

    monkeypatch.setattr("bridge.topics.broker.specs", with_it)
    return name


def test_where_kafka_refuses_a_setting_everything_else_is_done(
    bridge: Run, broker: Broker, settings: Settings, refused_setting: str
) -> None:
    """Managed Kafka does so, and refuses the whole topic."""
    result = bridge("topics", "apply", "--yes")
    assert result.exit_code == 2
    assert f"does not let {refused_setting} be set: Unknown topic config name" in result.stderr
    assert f"BRIDGE_TOLERATED_TOPIC_SETTINGS={refused_setting}" in result.stderr.splitlines()[-1]
    assert len(broker.topics()) == 15
    assert broker.config("order-state")["min.cleanable.dirty.ratio"] == "0.2"
    assert asyncio.run(read_rules(settings)) == Recorded.first(rules_of(settings))
    assert bridge("topics", "apply", "--yes", tolerated_topic_settings=refused_setting).exit_code == 0
    assert bridge("topics", "check", tolerated_topic_settings=refused_setting).exit_code == 0


def test_where_a_tolerated_setting_would_be_refused_topics_are_made_without_it(
    bridge: Run, broker: Broker, refused_setting: str
) -> None:
    assert bridge("topics", "apply", "--yes", tolerated_topic_settings=refused_setting).exit_code == 0
    assert len(broker.topics()) == 15


def test_apply_refuses_another_partition_count_and_then_does_nothing(bridge: Run, broker: Broker) -> None:
    broker.create("raw", 3)
    result = bridge("topics", "apply", "--yes")
    assert result.exit_code == 2
    assert "3 partitions, not 2" in result.stderr
    assert broker.topics() == {"raw": 3}


def test_a_topic_that_appeared_since_the_plan_is_looked_at(broker: Broker, settings: Settings) -> None:
    """Somebody else created it otherwise. That must not pass for done."""

    async def plan_then_apply() -> None:
        made = await topics.plan(settings)
        broker.create("raw", 3)
        await topics.apply(settings, made)

    with pytest.raises(TopicsRefused, match="3 partitions, not 2"):
        asyncio.run(plan_then_apply())
