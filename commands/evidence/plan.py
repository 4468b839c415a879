"""What publishing a selection of kept records would do. It is found out first, shown, and then done exactly so."""

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.kafka.reading import Source, reader
from bridge.refusals import NoSuchRecord
from bridge.rules.epochs import partition_counts_so_far
from bridge.rules.topic import check_rules
from bridge.settings import Settings
from commands.evidence.kept import MAYBE_PUBLISHED, Shelf, State
from commands.evidence.published import Published, Search
from commands.evidence.reading import Selection, selected
from commands.terminal.progress import OnProgress
from schemas.keytable import KeyTable


class Group(NamedTuple):
    """Records of one event (None: no envelope) that are in the same state for the same reason."""

    event: str | None
    state: State
    detail: str


@dataclass(slots=True)
class PublishPlan:
    """Records and first place of each group. `open`: the places to publish. `table`: the key rules in force."""

    published: Published
    table: KeyTable
    counts: Counter[Group] = field(default_factory=Counter)
    first: dict[Group, Source] = field(default_factory=dict)
    open: set[Source] = field(default_factory=set)

    def add(self, place: Source, group: Group) -> None:
        """Add a record; places come in any order."""
        self.counts[group] += 1
        self.first[group] = min(place, self.first.get(group, place))
        if group.state is State.OPEN:
            self.open.add(place)


async def make_plan(
    settings: Settings, shelf: Shelf, selection: Selection, now_ms: int, on_read: OnProgress
) -> PublishPlan:
    """Look at all selected records. NoSuchRecord: a place has no record. KafkaError: no answer.

    Exceptions of `bridge.rules.rules`: other rules are in force, which may put copies into other partitions.
    """
    recorded = await check_rules(settings)
    counts, table = partition_counts_so_far(recorded), recorded.key_table
    groups: dict[Source, Group] = {}
    search = Search()
    async with reader(settings) as consumer:
        async with aclosing(selected(consumer, settings, shelf.topic, selection, on_read)) as records:
            async for kept in records:
                standing = shelf.judge(kept, table, now_ms)
                groups[kept.place] = Group(kept.event(), standing.state, standing.detail)
                search.add(standing.homes(counts), kept.timestamp)
        if missing := sorted(selection.places - groups.keys()):
            raise NoSuchRecord(f"There is no record {', '.join(map(str, missing))} in {shelf.topic}.")
        plan = PublishPlan(await search.published(consumer, shelf.header, on_read), table)
    for place, group in groups.items():
        done = group.state in MAYBE_PUBLISHED and place in plan.published.places
        plan.add(place, Group(group.event, State.PUBLISHED, "") if done else group)
    return plan


async def kept_events(settings: Settings, shelf: Shelf, on_read: OnProgress) -> Counter[str]:
    """Number of kept records of each event, in whatever state. KafkaError: no answer."""
    events = Counter[str]()
    async with (
        reader(settings) as consumer,
        aclosing(selected(consumer, settings, shelf.topic, Selection(), on_read)) as records,
    ):
        async for kept in records:
            if (event := kept.event()) is not None:
                events[event] += 1
    return events
