"""Adding key rules for event names that raw does not hold. No verdict changes, so nothing is rebuilt.

Once a new rule decides on a name, no worker may decide by the old one. So the record in the rules topic keeps workers
from running until raw certainly holds no event of the name. The ingress goes on, as workers use its headers only as a
cache. If the command is killed, run it again: it goes on.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from bridge.kafka.reading import reader
from bridge.printable import listed
from bridge.refusals import MigrationRefused, RulesNotRecorded
from bridge.rules.changes import Change
from bridge.rules.epochs import partition_counts_so_far
from bridge.rules.rules import Recorded, compare, rules_of
from bridge.rules.topic import read_rules
from bridge.settings import Settings
from commands.topics.migration.group import wait_until_empty
from commands.topics.migration.names import NameSearch
from commands.topics.migration.plan import Progress
from commands.topics.migration.quiet import fence_raw_lanes
from commands.topics.migration.rules_writer import put_in_force, rules_writer
from processors.engine.crash import crash_point

_NOTICE_S: Final = 5.0
"""Within this time of an announcement, each worker about to join its group knows of it: it asks every second."""


async def adopt(settings: Settings, progress: Progress) -> list[Change]:
    """Put the rules in force that the settings add to the recorded ones, and return them.

    MigrationRefused, KafkaError: the rules are not in force, and nothing changes. If the announcement cannot be
    taken back, either, run the command again.
    """
    async with rules_writer(settings) as producer:
        recorded = compare(await read_rules(settings), rules_of(settings))
        return await _Adoption(settings, producer, progress, recorded).run()


@dataclass(frozen=True, slots=True)
class _Adoption:
    settings: Settings
    producer: AIOKafkaProducer
    progress: Progress
    recorded: Recorded

    async def run(self) -> list[Change]:
        added = self.recorded.unadopted(rules_of(self.settings))
        before = replace(self.recorded, adopting=frozenset())
        try:
            if added:
                await self._make_sure(added)
        except (MigrationRefused, RulesNotRecorded, KafkaError):
            await self._record(before)  # take back any announcement, of this run or an earlier one: workers go on
            raise
        await self._record(before.with_rules_of(rules_of(self.settings)))
        return added

    async def _make_sure(self, added: list[Change]) -> None:
        """Return when no worker gives verdicts and raw holds no event of these names.

        MigrationRefused: a worker goes on, or raw holds such an event.
        """
        names = {change.name for change in added}
        async with reader(self.settings) as consumer:
            search = NameSearch(consumer, self.settings.topics.raw, names, partition_counts_so_far(self.recorded))
            await search.read_on("Looking through raw", self.progress)
            _refuse_held(added, search)
            await self._record(replace(self.recorded, adopting=frozenset(names)))
            crash_point("adoption-announced")
            self.progress.begin("Waiting until no worker runs")
            await asyncio.sleep(_NOTICE_S)
            await wait_until_empty(self.settings)
            await fence_raw_lanes(self.settings, names)
            await search.read_on("Looking at what came meanwhile", self.progress)
            _refuse_held(added, search)
        crash_point("adoption-made-sure")

    async def _record(self, recorded: Recorded) -> None:
        await put_in_force(self.producer, self.settings, recorded)


def _refuse_held(added: list[Change], search: NameSearch) -> None:
    if held := [
        f"{change} (the first at {search.found[change.name]})" for change in added if change.name in search.found
    ]:
        raise MigrationRefused(
            f"Raw holds events whose key rule would change, and with it which of them are the same: {listed(held)}."
            " Move the data with `bridge topics migrate`, or leave these rules out."
        )
