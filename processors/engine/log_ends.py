"""Asks the brokers that know it now where logs begin and end, by a client that has no other work.

A consumer does not know whether it has read everything: its ends are as old as its last fetch. Its metadata, which say
whom to fetch from, come from a random broker, by aiokafka's default minutes ago. A broker that is cut off from its
peers, but not from its clients, takes itself for the leader and answers with its old end.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiokafka.structs import TopicPartition

from processors.engine.errors import words_of
from processors.engine.outages import Unanswered, informed, leadership, lineages, outages
from processors.engine.overrides.connections import Address, Connections
from processors.engine.overrides.list_offsets import (
    EARLIEST,
    LATEST,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    ListOffsetsRequest,
    read_offsets,
)
from processors.engine.overrides.metadata import (
    OLDEST_KAFKA,
    Broker,
    ClusterView,
    Leadership,
    MetadataRequest,
    read_metadata,
)

_METADATA_S = 2.0
"""Any broker's answer may be the newest, so all are waited for, but not long: the leader's own answer is enough."""
_OFFSETS_S = 5.0
_FRESH_S = 1.0
"""For so long an answer to who leads serves other questions, too: a leader that was replaced since says so."""


class LogBounds(NamedTuple):
    """What a partition's log holds, as its leader has it: offsets from ``begin`` to before ``high_watermark``.

    ``stable_end`` (Kafka's last stable offset): end of what ``read_committed`` readers get; below the high watermark
    while a transaction is open. ``lineage``: see ``Leadership``.
    """

    begin: int
    stable_end: int
    high_watermark: int
    leader: Broker
    leader_epoch: int
    lineage: str = ""


class LogEnds:
    """Asks for the bounds of logs, over connections of its own. ``client``: aiokafka options common to all clients.

    Every question is also about ``topics``, so that questions which come together are one: each broker's answer has to
    be unpacked.
    """

    def __init__(self, client: Mapping[str, Any], topics: Collection[str] = ()) -> None:
        self._connections = Connections(client)
        self._topics = frozenset(topics)
        self._question: _Question | None = None
        self._known: frozenset[Address] = frozenset()
        """Addresses of the brokers that the last answers named."""
        self._why_silent: dict[Address, str] = {}
        """Why brokers did not answer the last time."""

    async def close(self) -> None:
        """Close the connections."""
        if self._question is not None:
            self._question.task.cancel()
        await self._connections.close()

    async def bounds(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, LogBounds | Unanswered]:
        """The bounds of each partition's log, or why they are not known; raises nothing for a broker's sake.

        Every broker is asked at once who leads, and the highest leader epoch counts. Waits 2 s for a broker that is
        silent then, and 5 s for a leader.
        """
        views = list((await self._views({tp.topic for tp in partitions})).values())
        if not views:
            return dict.fromkeys(partitions, Unanswered(self.silence, None))
        found: dict[TopicPartition, LogBounds | Unanswered] = {}
        led: defaultdict[Broker, dict[TopicPartition, Leadership]] = defaultdict(dict)
        for tp in partitions:
            newest = leadership(tp, views)
            if isinstance(newest, Unanswered):
                found[tp] = newest
            elif newest.leader is None:
                found[tp] = Unanswered(_leaderless(newest), None)
            else:
                led[newest.leader][tp] = newest
        for answer in await asyncio.gather(*(self._led_by(leader, known) for leader, known in led.items())):
            found.update(answer)
        return found

    async def outages(self, topics: Collection[str]) -> list[str]:
        """Sentences on what is out of reach of all that has to do with these topics; none if all is there."""
        before = self._known
        views = await self._views(topics)
        return outages(views, (before | self._known) - views.keys()) if views else [self.silence]

    async def lineages(self, topics: Collection[str]) -> dict[str, str]:
        """The lineage of each topic that a broker knows; see ``LogBounds``."""
        return lineages(list((await self._views(topics)).values()))

    async def informed(self, topics: Collection[str]) -> list[str]:
        """``host:port`` of the brokers that know who leads these topics; empty: none answers. A client that begins with
        a broker that is cut off from its peers would ask that broker for everything."""
        return [str(address) for address in informed(await self._views(topics))]

    @property
    def silence(self) -> str:
        """What to say if no broker answers, with all reasons: one that is away must not hide what another one lacks."""
        asked = self._connections.bootstrap | self._known
        return f"no broker answers ({'; '.join(sorted({why for at, why in self._why_silent.items() if at in asked}))})"

    async def _views(self, topics: Collection[str]) -> Mapping[Address, ClusterView]:
        """The views of all brokers that answer, by address. Brokers that only these name are asked, too."""
        wanted, now = self._topics | frozenset(topics), asyncio.get_running_loop().time()
        if self._question is None or not self._question.answers(wanted, now):
            self._question = _Question(wanted, asyncio.create_task(self._asked(wanted), name="who leads"))
        question = self._question
        views = await asyncio.shield(question.task)
        question.answered_at = question.answered_at or asyncio.get_running_loop().time()
        return views

    async def _asked(self, topics: Collection[str]) -> Mapping[Address, ClusterView]:
        views: dict[Address, ClusterView] = {}
        asked: set[Address] = set()
        to_ask = self._connections.bootstrap | self._known
        while to_ask:
            asked |= to_ask
            answers = await asyncio.gather(*(self._view(address, sorted(topics)) for address in to_ask))
            views |= {address: view for address, view in zip(to_ask, answers, strict=True) if view is not None}
            to_ask = _addresses(views.values()) - asked
        if views:
            self._known = _addresses(views.values())
            self._connections.keep(self._connections.bootstrap | self._known)
        return views

    async def _view(self, address: Address, topics: list[str]) -> ClusterView | None:
        try:
            [response] = await self._connections.ask(address, MetadataRequest(topics), timeout=_METADATA_S)
        except Exception as error:  # noqa: BLE001 - others are asked, too; if it leads a partition, it is told there
            self._why_silent[address] = _described(error)
            return None
        self._why_silent.pop(address, None)
        return read_metadata(response)

    async def _led_by(
        self, leader: Broker, known: Mapping[TopicPartition, Leadership]
    ) -> dict[TopicPartition, LogBounds | Unanswered]:
        epochs = {tp: each.leader_epoch for tp, each in known.items()}
        requests = (  # in this order: each end is at or behind the one before
            ListOffsetsRequest(epochs, EARLIEST, READ_UNCOMMITTED),
            ListOffsetsRequest(epochs, LATEST, READ_COMMITTED),
            ListOffsetsRequest(epochs, LATEST, READ_UNCOMMITTED),
        )
        try:
            responses = await self._connections.ask(_address(leader), *requests, timeout=_OFFSETS_S)
        except Exception as error:  # noqa: BLE001 - the reason is the answer
            return dict.fromkeys(epochs, Unanswered(f"its leader does not answer ({_described(error)})", leader))
        offsets = [read_offsets(response) for response in responses]
        return {tp: _bounds([each.get(tp, "nothing") for each in offsets], leader, known[tp]) for tp in known}


@dataclass(slots=True)
class _Question:
    """The question who leads these topics, which ``task`` asks all brokers."""

    topics: frozenset[str]
    task: asyncio.Task[Mapping[Address, ClusterView]]
    answered_at: float | None = None

    def answers(self, wanted: frozenset[str], now: float) -> bool:
        """Whether its answer, come or to come, also serves a question at ``now``."""
        if self.topics != wanted or (self.task.done() and self.answered_at is None):
            return False  # done without an answer: it was cancelled, or failed
        return self.answered_at is None or now - self.answered_at < _FRESH_S


def _bounds(offsets: list[int | str], leader: Broker, known: Leadership) -> LogBounds | Unanswered:
    numbers = [offset for offset in offsets if isinstance(offset, int)]
    if len(numbers) < len(offsets):
        error = next(offset for offset in offsets if isinstance(offset, str))
        return Unanswered(f"its leader answers {error}", leader)
    begin, stable_end, high_watermark = numbers
    return LogBounds(begin, stable_end, high_watermark, leader, known.leader_epoch, known.lineage)


def _leaderless(known: Leadership) -> str:
    away = ", ".join(f"broker {node_id}" for node_id in sorted(known.offline_replicas))
    return f"it has no leader; away with a replica: {away}" if away else "it has no leader"


def _address(broker: Broker) -> Address:
    return Address(broker.host, broker.port)


def _addresses(views: Iterable[ClusterView]) -> frozenset[Address]:
    return frozenset(_address(broker) for view in views for broker in view.brokers)


def _described(error: Exception) -> str:
    if isinstance(error, NotImplementedError):  # what aiokafka says of it names no release
        return f"it lacks a version of a request: Kafka {OLDEST_KAFKA} or newer is needed"
    return "no answer in time" if isinstance(error, TimeoutError) else words_of(error)
