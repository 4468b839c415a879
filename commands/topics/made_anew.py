"""Topics that must not be created anew alone, because another topic still describes their former content."""

from collections.abc import Collection, Sequence
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError

from bridge.kafka.admin import admin_client
from bridge.kafka.group import committed_offsets
from bridge.kafka.reading import bounds, partitions, reader
from bridge.rules.rules import Recorded
from bridge.settings import Settings
from bridge.topics import TopicsPlan

_REMEDY: Final = "docs/recovery.md#raw-anew-from-s3"


async def refused_anew(settings: Settings, made: TopicsPlan, recorded: Recorded | None) -> tuple[str, ...]:
    """Sentences on what the plan must not create. `recorded`: the rules in force. KafkaError: no answer."""
    topics, missing = settings.topics, {spec.name for spec in made.create}
    if topics.raw in missing:
        beside = [_beside_epochs(settings)] if recorded and recorded.epochs else []
        if topics.backfill not in missing and await _knows_files(settings):
            beside.append(_beside_files(settings))
        return tuple(beside)
    if recorded is None:
        # While partition counts differ from the wanted ones, nothing is recorded, and partitions to ask may not exist.
        return () if made.refused else await _half_moved(settings, missing)
    if topics.dedupe_changelog not in missing:
        return ()
    # Raw is keyed by event name: under another partition count an event went into another partition than now.
    elsewhere = [begins for begins in recorded.epochs if len(begins) != recorded.rules.partitions]
    if elsewhere and await _reaches_before(settings, elsewhere):
        return (_without_keys(settings),)
    return ()


async def told_emptied(settings: Settings, made: TopicsPlan, recorded: Recorded | None) -> tuple[str, ...]:
    """A sentence for each topic that workers write and the plan would create, if workers have processed some of raw.

    No service notices that such a topic is a new, empty one. It may also be the first, after a new setting or release.
    KafkaError: no answer.
    """
    topics, missing = settings.topics, [spec.name for spec in made.create]
    written = {*topics.outputs, *settings.state_topics, topics.dedupe_changelog, topics.orders_changelog}
    emptied = [name for name in missing if name in written]
    # If raw is missing, the group's offsets for it are gone, too.
    if recorded is None or not emptied or topics.raw in missing or not await _has_processed(settings):
        return ()
    return tuple(
        f"{name}: what it held before is gone, if it was there: docs/recovery.md says what can be had again, and how."
        for name in emptied
    )


def _without_keys(settings: Settings) -> str:
    topics = settings.topics
    return (
        f"{topics.dedupe_changelog} would be empty, and {topics.raw} holds events from before partitions were added:"
        " one that comes again now lies in another partition than its first delivery, whose lane alone would know it,"
        f" so it would pass again. Make {topics.raw} anew, too: {_REMEDY}."
    )


def _half_way(settings: Settings, changelog: str, unopened: Sequence[int]) -> str:
    topics, numbers = settings.topics, ", ".join(map(str, unopened))
    return (
        f"{changelog} has records, but none in its partitions {numbers}, where no worker has begun yet: they may have"
        f" been added by a migration that is not done, which {topics.rules} alone knew, and would pass for done. Make"
        f" {topics.raw} anew: {_REMEDY}."
    )


def _beside_epochs(settings: Settings) -> str:
    topics = settings.topics
    return (
        f"{topics.raw} would be another one than {topics.rules} has offsets of, below which `bridge verify` compares"
        f" nothing. Delete {topics.rules}, too: {_REMEDY}."
    )


def _beside_files(settings: Settings) -> str:
    topics = settings.topics
    return (
        f"{topics.raw} would be another one than {topics.backfill} knows files of, which would count as stored, though"
        f" nothing of them is there. Delete {topics.backfill}, too: {_REMEDY}."
    )


async def _half_moved(settings: Settings, missing: Collection[str]) -> tuple[str, ...]:
    """Find a changelog that has records in some partitions only: a migration may have added the others and not ended.

    A lane writes into its partition of a changelog when it is opened, and end offsets survive compaction.
    """
    topics = settings.topics
    async with reader(settings) as consumer:
        for changelog in (topics.dedupe_changelog, topics.orders_changelog):
            if changelog not in missing:
                _, ends = await bounds(consumer, partitions(settings, [changelog]))
                unopened = sorted(partition.partition for partition, end in ends.items() if not end)
                if unopened and any(ends.values()):
                    return (_half_way(settings, changelog, unopened),)
    return ()


async def _has_processed(settings: Settings) -> bool:
    """Whether workers have processed some of raw; True, too, if this user may not read the group's offsets.

    Creating topics needs no permission on the group.
    """
    async with admin_client(settings) as admin:
        try:
            offsets = await committed_offsets(admin, settings.group_id, partitions(settings, [settings.topics.raw]))
        except GroupAuthorizationFailedError:
            return True
    return any(offset > 0 for offset in offsets.values())


async def _knows_files(settings: Settings) -> bool:
    async with reader(settings) as consumer:
        _, ends = await bounds(consumer, [TopicPartition(settings.topics.backfill, 0)])
    return any(ends.values())


async def _reaches_before(settings: Settings, epochs: Sequence[Sequence[int]]) -> bool:
    async with reader(settings) as consumer:
        starts, _ = await bounds(consumer, partitions(settings, [settings.topics.raw]))
    first = {partition.partition: start for partition, start in starts.items()}
    return any(first[number] < offset for begins in epochs for number, offset in enumerate(begins))
