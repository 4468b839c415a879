"""Separate requests to Kafka: if one takes too long or is not allowed, the others still count."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from bridge.kafka.admin import admin_client
from bridge.kafka.group import committed_offsets
from bridge.kafka.reading import Offsets, at_time, bounds, partitions, reader
from bridge.refusals import Refusal
from bridge.settings import Settings
from bridge.topics import partition_counts, plan
from commands.evidence.kept import Shelf, State
from commands.evidence.listing import make_listing
from commands.evidence.reading import Selection, unheard
from commands.evidence.shelves import Conflicts, Quarantine
from commands.status.arrivals import Arrivals, arrivals
from commands.status.picture import FLOOD, NEWEST, KafkaSide, KeptCounts
from commands.terminal.damage import AroundDamage, Damage
from commands.terminal.first_contact import answering, unanswered
from commands.terminal.members import members
from commands.terminal.remedies import OF_DAMAGE, topics_remedy_for
from commands.terminal.words import in_words, of_damage
from schemas.headers import ERROR_REASON

PATIENCE_S: Final = 3.0
"""For all requests together; late answers are left out."""
_FETCH_BYTES: Final = 1 << 20
_HOUR_MS: Final = 3_600_000
_RAW: Final = "raw"
_LARGE: Final = ", though its brokers answer -> large events take so long from here: nothing has to be mended for that"

T = TypeVar("T")


async def ask_kafka(settings: Settings, now_ms: int) -> KafkaSide:
    """What Kafka answers within `PATIENCE_S`."""
    return await _Questions(settings).ask(now_ms)


class _Questions:
    def __init__(self, settings: Settings) -> None:
        self._settings, self._servers = settings, settings.kafka_bootstrap_servers
        self._troubles: list[str] = []
        self._told: list[Damage] = []
        self._is_silent = False
        self._raw_is_counted = False
        """Whether the leaders of raw have answered: then a missing answer is only slow."""
        self._deadline = asyncio.get_running_loop().time() + PATIENCE_S

    async def ask(self, now_ms: int) -> KafkaSide:
        self._settings, slow = await answering(self._settings)
        settings, topics = self._settings, self._settings.topics
        # Started now, because the next requests may wait for a silent broker, too.
        telling = asyncio.create_task(self._tell_silent(slow))
        made = await self._answer("Kafka", lambda: plan(settings))
        if made is None:
            await telling
            return KafkaSide(self._troubles, is_silent=self._is_silent)
        for sentence in made.losses:
            self._troubles.append(f"{sentence.rstrip('.')} -> {topics_remedy_for(settings, sentence)}")
        missing = {spec.name for spec in made.create}
        there = await self._answer("partitions", self._partitions) if made.refused else None
        if there is not None:  # no broker ever tells the end of a partition that does not exist
            settings = self._settings = settings.model_copy(update={"partitions": there})
        evidence = missing & {topics.raw, topics.rules}
        group, behind, arrived, quarantined, conflicts, _ = await asyncio.gather(
            self._answer("the group", lambda: members(settings)),
            self._unless(missing & {topics.raw, topics.orders}, "the lag", self._behind),
            self._unless(missing & {topics.raw}, _RAW, lambda: self._arrivals(now_ms)),
            self._counted(evidence | missing & {topics.quarantine}, "quarantine", Quarantine(settings), now_ms),
            self._counted(evidence | missing & {topics.conflicts}, "conflicts", Conflicts(settings), now_ms),
            telling,
        )
        return KafkaSide(
            *(self._troubles, group, behind, arrived, quarantined, conflicts, self._is_silent),
            lacks_topics=bool(missing),
            partitions=there,
        )

    async def _tell_silent(self, slow: Settings | None) -> None:
        """Report silent brokers. All other answers may come from the others."""
        if slow is not None:
            for server in await unanswered(slow, self._deadline - asyncio.get_running_loop().time()):
                self._is_silent = True
                self._troubles.insert(0, f"the broker {server} does not answer within {PATIENCE_S:g} s")

    async def _unless(self, missing: set[str], what: str, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Ask, unless the topic is missing: a request could create it."""
        return None if missing else await self._answer(what, ask)

    async def _counted(self, missing: set[str], what: str, shelf: Shelf, now_ms: int) -> KeptCounts | None:
        """Kept records of the last hour. If there are too many to read, only their number."""
        roughly: list[KeptCounts] = []

        async def kept() -> KeptCounts:
            count = await self._roughly(shelf.topic, now_ms - _HOUR_MS)
            if not count:
                return KeptCounts(0, 0, {})
            roughly.append(KeptCounts(count, None, {}))
            return roughly[0] if count > FLOOD else await self._kept(shelf, now_ms)

        return None if missing else await self._answer(what, kept, roughly)

    async def _answer(self, what: str, ask: Callable[[], Awaitable[T]], meanwhile: Sequence[T] = ()) -> T | None:
        """The answer; if it takes too long, the first of `meanwhile`, if any."""
        try:
            async with asyncio.timeout_at(self._deadline):
                return await ask()
        except TimeoutError:
            if meanwhile:
                return meanwhile[0]
            if what == _RAW and self._raw_is_counted:
                self._troubles.append(f"{what}: its last records could not be read within {PATIENCE_S:g} s{_LARGE}")
                return None
            self._is_silent = True
            # With several brokers, each one still asked has let us in; which one is silent now is unknown.
            whom = self._servers[0] if len(self._servers) == 1 else "some broker"
            self._troubles.append(f"{what}: no answer from {whom} within {PATIENCE_S:g} s")
        except (Refusal, KafkaError, OSError) as error:
            damaged = of_damage(error)
            words = in_words(error, self._settings) if damaged is None else f"{damaged} -> {OF_DAMAGE}"
            self._troubles.append(f"{what}: {words}")
        return None

    async def _partitions(self) -> int | None:
        """Partitions of the topics that are asked about, the smallest number; None: none exists."""
        topics, counts = self._settings.topics, await partition_counts(self._settings)
        asked = (topics.raw, topics.orders, topics.quarantine, topics.conflicts)
        return min((counts[topic] for topic in asked if topic in counts), default=None)

    async def _behind(self) -> dict[str, int]:
        settings, sources = self._settings, (self._settings.topics.raw, self._settings.topics.orders)
        async with reader(settings) as consumer:
            starts, ends = await bounds(consumer, partitions(settings, sources))
        done = await self._processed(list(ends))
        behind = Counter(dict.fromkeys(sources, 0))
        for partition, end in ends.items():
            behind[partition.topic] += max(0, end - max(starts[partition], done.get(partition, -1)))
        return behind

    async def _processed(self, of: Sequence[TopicPartition]) -> Offsets:
        """The group's offsets, as from `committed_offsets`."""
        async with admin_client(self._settings) as admin:
            return await committed_offsets(admin, self._settings.group_id, of)

    async def _arrivals(self, now_ms: int) -> Arrivals:
        async with reader(self._settings, _FETCH_BYTES) as consumer:
            around = AroundDamage(consumer)
            found = await arrivals(around, self._settings, now_ms, self._note_raw_is_counted)
        await self._tell_of(around.damage)
        return found

    def _note_raw_is_counted(self) -> None:
        self._raw_is_counted = True

    async def _tell_of(self, damage: Sequence[Damage]) -> None:
        """Report each damaged batch once. In raw, only if the workers' group is not past it yet."""
        of_raw = [each.partition for each in damage if each.partition.topic == self._settings.topics.raw]
        done = await self._processed(of_raw) if of_raw else {}
        for each in damage:
            if done.get(each.partition, -1) < each.behind and not self._is_told(each):
                self._told.append(each)
                self._troubles.append(f"{each} -> {each.remedy}")

    def _is_told(self, damage: Damage) -> bool:
        """Compared by the end of the batch: reading that starts within the batch sees a later beginning."""
        return any((each.partition, each.behind) == (damage.partition, damage.behind) for each in self._told)

    async def _kept(self, shelf: Shelf, now_ms: int) -> KeptCounts:
        last_hour = Selection(since_ms=now_ms - _HOUR_MS)
        listing = await make_listing(self._settings, shelf, last_hour, None, NEWEST, now_ms, unheard)
        await self._tell_of(listing.damage)
        count = sum(row.state is State.OPEN for row in listing.rows)
        again = Counter(row.kept.text(ERROR_REASON) for row in listing.rows if row.state is State.PUBLISHED)
        return KeptCounts(listing.matching, count, listing.reasons, again)

    async def _roughly(self, topic: str, since_ms: int) -> int:
        """Number of offsets since then, transaction markers included."""
        async with reader(self._settings) as consumer:
            starts, ends = await bounds(consumer, partitions(self._settings, [topic]))
            starts = await at_time(consumer, since_ms, starts, ends)
        return sum(max(0, end - starts[partition]) for partition, end in ends.items())
