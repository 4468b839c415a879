"""What each topic must be, by the contract's table."""

from typing import Any

import pytest

from bridge.settings import Settings
from bridge.topics import TopicSpec, specs, warnings

DAY_MS = 24 * 60 * 60 * 1000

POLICIES = {
    "raw": ("delete", 400),
    "orders": ("delete", 30),
    "inventory": ("delete", 30),
    "customers": ("delete", 30),
    "employees": ("delete", 30),
    "cash-drawers": ("delete", 30),
    "gift-cards": ("delete", 30),
    "unknown": ("delete", 30),
    "order-state": ("compact", None),
    "conflicts": ("delete", 400),
    "quarantine": ("delete", 400),
    "dedupe-changelog": ("compact,delete", 407),
    "orders-changelog": ("compact", None),
    "rules": ("compact", None),
    "backfill": ("compact", None),
}


def by_dataset(settings: Settings) -> dict[str, TopicSpec]:
    return {spec.name.split(".")[1]: spec for spec in specs(settings)}


def test_there_are_the_topics_of_the_contract_under_the_prefix(settings: Settings) -> None:
    assert [spec.name for spec in specs(settings)] == [f"newstore.{dataset}.v1" for dataset in POLICIES]


def test_lines_have_a_topic_beside_the_state_where_they_are_wanted() -> None:
    """The lines topic has as many partitions and the same configuration as the state topic."""
    found = by_dataset(Settings(tenant="acme", order_lines=True))
    assert list(found) == [*list(POLICIES)[:9], "order-lines", *list(POLICIES)[9:]]
    state, lines = found["order-state"], found["order-lines"]
    assert (lines.partitions, lines.config) == (state.partitions, state.config)


@pytest.mark.parametrize(("dataset", "policy", "days"), [(d, *p) for d, p in POLICIES.items()])
def test_cleanup_and_retention_are_those_of_the_contract(
    settings: Settings, dataset: str, policy: str, days: int | None
) -> None:
    config = by_dataset(settings)[dataset].config
    assert config["cleanup.policy"] == policy
    assert config.get("retention.ms") == (None if days is None else str(days * DAY_MS))


def test_retention_follows_the_settings(settings: Settings) -> None:
    """Raw keeps what dedupe remembers. Its changelog keeps it for as much longer as a worker may be away, since the
    worker then decides on events from so long ago."""
    other = Settings(tenant="acme", dedupe_retention="90d", cleaned_retention="7d")
    found = {dataset: spec.config.get("retention.ms") for dataset, spec in by_dataset(other).items()}
    assert (found["raw"], found["dedupe-changelog"]) == (str(90 * DAY_MS), str(97 * DAY_MS))
    assert found["orders"] == str(7 * DAY_MS)
    assert found["conflicts"] == str(400 * DAY_MS)


def test_only_what_the_bridge_notes_for_itself_has_a_single_partition(settings: Settings) -> None:
    partitions = {dataset: spec.partitions for dataset, spec in by_dataset(settings).items()}
    assert partitions.pop("rules") == partitions.pop("backfill") == 1
    assert set(partitions.values()) == {8}


def test_every_topic_takes_the_largest_body_with_its_headers(settings: Settings) -> None:
    assert {spec.config["max.message.bytes"] for spec in specs(settings)} == {
        str(settings.ingress_max_body_bytes + (128 << 10))
    }


def test_what_an_ingress_writes_to_refuses_records_of_a_clock_that_is_far_behind(settings: Settings) -> None:
    """What a worker writes to other topics has the time of its raw record, which may have waited for days. Kafka 3.6 to
    3.9 take the greatest number for none, and then go by a cluster's older entry."""
    bounds = {
        dataset: int(spec.config["message.timestamp.before.max.ms"]) for dataset, spec in by_dataset(settings).items()
    }
    refusing = {"raw": DAY_MS // 2, "quarantine": 800 * DAY_MS}
    assert bounds == {dataset: refusing.get(dataset, 365_000 * DAY_MS) for dataset in POLICIES}


def test_raw_refuses_what_it_would_delete_at_once() -> None:
    raw = by_dataset(Settings(tenant="acme", dedupe_retention="1h"))["raw"]
    assert raw.config["message.timestamp.before.max.ms"] == raw.config["retention.ms"] == str(3_600_000)


def test_no_topic_forgets_by_size(settings: Settings) -> None:
    """A cluster's default limit in bytes would delete events before their time."""
    deleting = [spec.config for spec in specs(settings) if "delete" in spec.config["cleanup.policy"]]
    assert {config["retention.bytes"] for config in deleting} == {"-1"}


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_three_replicas_need_two_in_sync(settings: Settings, replicas: int, in_sync: str) -> None:
    found = specs(Settings(tenant="acme", replication_factor=replicas))
    assert {spec.config["min.insync.replicas"] for spec in found} == {in_sync}
    assert {spec.replication for spec in found} == {replicas}


def test_no_topic_lets_a_replica_lead_that_lacks_acknowledged_events(settings: Settings) -> None:
    assert {spec.config["unclean.leader.election.enable"] for spec in specs(settings)} == {"false"}


def test_a_tolerated_setting_that_no_topic_has_is_worth_a_warning() -> None:
    found = warnings(
        Settings(
            tenant="acme",
            replication_factor=3,
            tolerated_topic_settings="segment.ms, segment.bytes, min.cleanable.dirty.ration",
        )
    )
    assert found == (
        "BRIDGE_TOLERATED_TOPIC_SETTINGS: min.cleanable.dirty.ration is no topic setting that the bridge looks at.",
    )


def test_one_replica_is_worth_a_warning(settings: Settings) -> None:
    assert "BRIDGE_REPLICATION_FACTOR" in warnings(settings)[0]
    assert warnings(Settings(tenant="acme", replication_factor=3)) == ()


@pytest.mark.parametrize("name", ["cleaned_retention", "dedupe_retention"])
def test_topics_that_forget_sooner_than_a_worker_may_be_away_are_worth_a_warning(name: str) -> None:
    """Raw's retention is `dedupe_retention`, and nothing was said of it."""
    own: dict[str, Any] = {"tenant": "acme", "replication_factor": 3}
    found = warnings(Settings(**own | {name: "6d"}))
    assert [sentence.partition(" is ")[0] for sentence in found] == [f"BRIDGE_{name.upper()}"]
    assert warnings(Settings(**own | {name: "7d"})) == ()
