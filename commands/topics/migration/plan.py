"""The plan of a migration, and whether it can begin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aiokafka import TopicPartition

from bridge.kafka.reading import bounds, reader
from bridge.refusals import MigrationRefused
from bridge.rules.rules import Recorded, Rules, require_recorded, rules_of
from bridge.rules.topic import read_rules
from bridge.settings import Settings
from bridge.topics import partition_counts, partitions_lacking, require_growth_allowed, specs


class Progress(Protocol):
    """What a migration tells of its steps. Called on the event loop."""

    def begin(self, step: str, total: int | None = None) -> None:
        """A step begins; `total`: its number of records, if known."""

    def advance(self, records: int) -> None:
        """This many more records are done."""


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """A migration from the rules in force to those of the settings. `raw_records`: about how many are read again."""

    recorded: Recorded
    after: Rules
    raw_records: int

    @property
    def resumes(self) -> bool:
        """Whether an earlier migration was begun and not ended."""
        return self.recorded.migrating is not None


async def make_plan(settings: Settings) -> MigrationPlan | None:
    """The plan; None: there is nothing to do. MigrationRefused, TopicsRefused, RulesNotRecorded, KafkaError: no plan
    can be made."""
    counts = await _counts_to_begin_with(settings)
    recorded, after = require_recorded(await read_rules(settings)), rules_of(settings)
    if recorded.migrating is None and recorded.rules == after:
        return None
    async with reader(settings) as consumer:
        starts, ends = await bounds(consumer, all_of(settings.topics.raw, counts))
    return MigrationPlan(recorded, after, sum(ends.values()) - sum(starts.values()))


def all_of(topic: str, counts: Mapping[str, int]) -> list[TopicPartition]:
    """All partitions of a topic."""
    return [TopicPartition(topic, number) for number in range(counts[topic])]


async def require_as_shown(settings: Settings, shown: MigrationPlan) -> Mapping[str, int]:
    """How many partitions each topic has, if `shown` is still what would be done. Call it behind `rules_writer`.

    MigrationRefused: others have changed the rules between plan and confirmation, or topics do not fit. TopicsRefused,
    KafkaError: it cannot be done.
    """
    if await read_rules(settings) != shown.recorded:
        raise MigrationRefused(
            "Another `bridge topics migrate` or `apply` has changed the rules since this plan was shown: run this"
            " again, and look at the new plan."
        )
    return await _counts_to_begin_with(settings)


async def _counts_to_begin_with(settings: Settings) -> Mapping[str, int]:
    counts = await partition_counts(settings)
    for spec in specs(settings):
        if spec.name not in counts:
            raise MigrationRefused(
                f"{spec.name} does not exist: run `bridge topics apply` under the present rules first."
            )
        if counts[spec.name] > spec.partitions:
            raise MigrationRefused(
                f"{spec.name} has {counts[spec.name]} partitions, and Kafka cannot take any away: set BRIDGE_PARTITIONS"
                f" to {counts[spec.name]} or more."
            )
    require_growth_allowed(settings, partitions_lacking(settings, counts))
    return counts
