"""The topics of the contract, with the configuration that each of them needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bridge.settings import Settings
from bridge.settings.types import format_duration
from bridge.topics.change import LOSING

EVIDENCE_RETENTION: Final = timedelta(days=400)
"""Conflicts and quarantined bodies wait for a person; the contract fixes how long."""

TOMBSTONE_RETENTION: Final = timedelta(days=7)
"""A worker that was off for a week still sees which rows were deleted meanwhile."""

LONGEST_OUTAGE: Final = timedelta(days=7)
"""Kafka forgets by the clock, dedupe by the time of the record that it decides on, which may have come this long ago.
With this much more retention, a worker that begins without a disk after such an outage knows what one with its disk
does."""

COMPACTED_WITHIN: Final = timedelta(days=7)
"""Replaced or deleted records are gone by then. By Kafka's default they may stay for ever, where too little changes."""

FARTHEST_BEHIND: Final = timedelta(hours=12)
"""How far the clock that stamps raw records may be behind; dedupe lets times go back as far. If it is behind by more
than the retention, Kafka would delete its records at once, and what came before would pass again."""

_NO_BOUND: Final = timedelta(days=365_000)
"""Not the greatest number: Kafka 3.6 to 3.9 take that for not given, and go by a cluster's older entry."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What one topic must be: `config` holds Kafka's own names and values, all of them set explicitly."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


def specs(settings: Settings) -> tuple[TopicSpec, ...]:
    """Every topic of the deployment, in the order in which a person reads about them."""
    topics = settings.topics
    purposes: dict[str, dict[str, str]] = {
        topics.raw: _raw(settings.dedupe_retention),
        **{name: _delete(settings.cleaned_retention) for name in topics.cleaned.values()},
        **{name: _compact() for name in settings.state_topics},
        topics.conflicts: _delete(EVIDENCE_RETENTION),
        topics.quarantine: _quarantine(settings.dedupe_retention),
        topics.dedupe_changelog: _compact_and_delete(settings.dedupe_retention + LONGEST_OUTAGE),
        topics.orders_changelog: _compact(),
        topics.rules: {"cleanup.policy": "compact"},
        topics.backfill: {"cleanup.policy": "compact"},
    }
    common, single = _common(settings) | _not_before(_NO_BOUND), {topics.rules, topics.backfill}
    return tuple(
        TopicSpec(
            name=name,
            partitions=1 if name in single else settings.partitions,
            replication=settings.replication_factor,
            config=common | purpose,
        )
        for name, purpose in purposes.items()
    )


def warnings(settings: Settings) -> tuple[str, ...]:
    """Sentences on settings that work but that nobody should run in production, or that have no effect."""
    known = LOSING.union(*(spec.config for spec in specs(settings)))
    return (
        *(
            f"BRIDGE_TOLERATED_TOPIC_SETTINGS: {name} is no topic setting that the bridge looks at."
            for name in settings.tolerated_topic_settings
            if name not in known
        ),
        *_one_copy(settings),
        *_short(settings),
    )


def _one_copy(settings: Settings) -> tuple[str, ...]:
    if settings.replication_factor > 1:
        return ()
    return ("BRIDGE_REPLICATION_FACTOR is 1: losing one disk loses events. Use 3 in production.",)


def _short(settings: Settings) -> tuple[str, ...]:
    retentions = {
        "BRIDGE_DEDUPE_RETENTION": (
            settings.dedupe_retention,
            "processed within that, as while a worker is away, raw has lost, and what comes again later passes again",
        ),
        "BRIDGE_CLEANED_RETENTION": (
            settings.cleaned_retention,
            "joined within that, as while a worker is away, its orders lack for good",
        ),
    }
    return tuple(
        f"{name} is {format_duration(kept)}: what is not {what}. Use {format_duration(LONGEST_OUTAGE)} or more."
        for name, (kept, what) in retentions.items()
        if kept < LONGEST_OUTAGE
    )


def _common(settings: Settings) -> dict[str, str]:
    # min.insync.replicas is always given: with a cluster default of 2, one replica would take no write. An unclean
    # election makes a replica the leader that lacks acknowledged events. Retention goes by times of records: no clock
    # may be far ahead, which Kafka before 4.0 lets pass. What is made of a raw record has its time, however long it has
    # waited: a cluster's bound would stop the lane.
    return {
        "max.message.bytes": str(settings.max_message_bytes),
        "message.timestamp.after.max.ms": _milliseconds(timedelta(hours=1)),
        "message.timestamp.type": "CreateTime",
        "min.insync.replicas": "2" if settings.replication_factor >= 3 else "1",
        "unclean.leader.election.enable": "false",
    }


def _delete(retention: timedelta) -> dict[str, str]:
    # retention.bytes is always given: a cluster default would forget events before their time.
    return {"cleanup.policy": "delete", "retention.ms": _milliseconds(retention), "retention.bytes": "-1"}


def _raw(retention: timedelta) -> dict[str, str]:
    return _not_before(min(FARTHEST_BEHIND, retention)) | _delete(retention)


def _quarantine(retention_of_raw: timedelta) -> dict[str, str]:
    # An ingress writes there by its own clock, too, which may say 1970. Workers write with the times of what raw still
    # has, which Kafka deletes by segments: twice the retention is beyond all of them.
    return _not_before(2 * max(EVIDENCE_RETENTION, retention_of_raw)) | _delete(EVIDENCE_RETENTION)


def _not_before(age: timedelta) -> dict[str, str]:
    return {"message.timestamp.before.max.ms": _milliseconds(age)}


def _compact() -> dict[str, str]:
    # The active segment is never compacted, so it is closed daily: readers that start from nothing, recovery
    # among them, then read about one record per key instead of a week of every order's versions.
    return {
        "cleanup.policy": "compact",
        "segment.ms": _milliseconds(timedelta(days=1)),
        "min.cleanable.dirty.ratio": "0.2",
        "max.compaction.lag.ms": _milliseconds(COMPACTED_WITHIN),
        "delete.retention.ms": _milliseconds(TOMBSTONE_RETENTION),
    }


def _compact_and_delete(retention: timedelta) -> dict[str, str]:
    # Nearly every key is written once, so compaction gains little here: Kafka's own thresholds stay.
    tombstones = {"delete.retention.ms": _milliseconds(TOMBSTONE_RETENTION)}
    return _delete(retention) | {"cleanup.policy": "compact,delete"} | tombstones


def _milliseconds(span: timedelta) -> str:
    return str(span // timedelta(milliseconds=1))
