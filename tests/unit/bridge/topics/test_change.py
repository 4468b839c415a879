"""Which differing topic settings lose data, and which only cost something else."""

import pytest

from bridge.settings import Settings
from bridge.topics import ConfigChange, specs
from bridge.topics.change import LOSING


@pytest.mark.parametrize(
    ("name", "actual", "wanted", "dropped"),
    [
        ("retention.ms", "999", "1000", True),
        ("retention.ms", "1001", "1000", False),
        ("retention.ms", "-1", "1000", False),  # for ever
        ("retention.ms", None, "1000", True),
        ("retention.bytes", "1000000000", "-1", True),
        ("cleanup.policy", "compact", "compact,delete", False),
        ("cleanup.policy", "delete", "compact,delete", False),  # by the same age
        ("cleanup.policy", "compact,delete", "compact", True),
        ("cleanup.policy", "compact", "delete", True),
        ("cleanup.policy", None, "compact", True),  # Kafka's default
        ("max.message.bytes", "5", "1000", False),
        ("min.cleanable.dirty.ratio", "0.5", "0.2", False),
    ],
)
def test_records_are_dropped_by_age_size_and_key_only(
    name: str, actual: str | None, wanted: str, dropped: bool
) -> None:
    change = ConfigChange("changelog", name, actual, wanted)
    assert change.drops_records is dropped
    assert change.loses_data or not dropped


@pytest.mark.parametrize(
    ("name", "actual", "wanted", "lost"),
    [
        ("min.insync.replicas", "1", "2", True),
        ("min.insync.replicas", "3", "2", False),
        ("max.message.bytes", "1048588", "8519680", True),
        ("max.message.bytes", "20971520", "8519680", False),
        ("max.message.bytes", None, "8519680", True),
        ("segment.bytes", "1048576", "8519680", True),
        ("unclean.leader.election.enable", "true", "false", True),
        ("unclean.leader.election.enable", None, "false", False),  # the broker has no such setting
        ("message.timestamp.type", "LogAppendTime", "CreateTime", False),
        ("segment.ms", "604800000", "86400000", False),
        ("min.cleanable.dirty.ratio", "0.5", "0.2", False),
        ("delete.retention.ms", "86400000", "604800000", False),
    ],
)
def test_data_are_lost_by_few_settings_and_in_one_direction(
    name: str, actual: str | None, wanted: str, lost: bool
) -> None:
    assert ConfigChange("raw", name, actual, wanted).loses_data is lost


def test_what_can_lose_data_is_what_brokers_are_asked_for_in_any_case(settings: Settings) -> None:
    """A setting that loses data and is not in `LOSING` would be left out where a broker refuses it."""
    for name in {name for spec in specs(settings) for name in spec.config} - LOSING:
        assert not ConfigChange("raw", name, None, "1").loses_data
        assert not ConfigChange("raw", name, "0", "1").loses_data
