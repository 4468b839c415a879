"""The state of a deployment at one moment, as far as it is known. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, get_args

from bridge.settings import Settings
from commands.status.arrivals import Arrivals
from commands.terminal.members import Member, addresses
from commands.terminal.services import Sample, Service

READY: Final = "ready"
Counted = Literal["incomplete", "stalled", "of_older_rules"]
COUNTED: Final[tuple[Counted, ...]] = get_args(Counted)
"""The counts of orders."""
LOOKED_BACK: Final = "the last hour"
NEWEST: Final = 1000
"""Kept records whose publication is looked up. Beyond them, only reasons are counted."""
FLOOD: Final = 20_000
"""Beyond this number in the hour, records are only counted: decoding them blocks the event loop and its deadlines."""


class KeptCounts(NamedTuple):
    """Records kept aside in the last hour. `records`: how many, also by reason (`reasons`). Of the `NEWEST`: how many
    are `open`, and how many were `published` again, by reason.

    `open` None: they were not read in time, and `records` is only approximate.
    """

    records: int
    open: int | None
    reasons: Mapping[str, int]
    published: Mapping[str, int] = {}

    @property
    def at_least(self) -> str:
        """Prefix for a number of open records."""
        return "at least " if self.records > NEWEST else ""

    @property
    def at_most(self) -> str:
        """Prefix for a number of records not published again."""
        return "at most " if self.records > NEWEST else ""


@dataclass(frozen=True, slots=True)
class KafkaSide:
    """Kafka's answers; None: not asked, or no answer, and `troubles` say why.

    `is_silent`: one trouble is an answer that did not come in time, so what follows from it is no refusal.
    `lacks_topics`: one trouble is a missing topic. `partitions`: the topics' real number, asked only if topics differ
    from the settings. `behind`: offsets between the group's position and the end, by topic, transaction markers
    included.
    """

    troubles: Sequence[str] = ()
    members: Sequence[Member] | None = None
    behind: Mapping[str, int] | None = None
    arrivals: Arrivals | None = None
    quarantined: KeptCounts | None = None
    conflicts: KeptCounts | None = None
    is_silent: bool = False
    lacks_topics: bool = False
    partitions: int | None = None

    @property
    def tells_nothing(self) -> bool:
        """Whether there are only troubles."""
        told = (self.members, self.behind, self.arrivals, self.quarantined, self.conflicts)
        return all(each is None for each in told)


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole state. `at`: seconds since 1970. `since`: the previous picture, if any, to see changes."""

    settings: Settings
    at: float
    ingress: Service
    workers: Sequence[Service]
    kafka: KafkaSide
    since: "Picture | None" = field(default=None, repr=False)

    @property
    def own(self) -> Sequence[Service]:
        """The workers of this deployment. BRIDGE_WORKER_URL may lead to another one's. A worker in our group has our
        lanes, even if its tenant is another."""
        grouped = addresses(self.settings, self.kafka.members or ())
        return [
            worker
            for worker in self.workers
            if worker.foreign(self.settings) is None
            and (worker.url in grouped or worker.other_tenant(self.settings) is None)
        ]

    @property
    def partitions(self) -> int:
        """The topics' real number of partitions: for a migration, the settings have the future one."""
        return self.kafka.partitions or self.settings.partitions

    @property
    def lanes(self) -> Mapping[str, int]:
        """Number of lanes by state; `none`: lanes that no worker reports."""
        states = Counter(sample.labels["state"] for sample in _lane_samples(self.own))
        of_all = len(self.sources) * self.partitions
        return {**states, "none": of_all - states.total()} if of_all > states.total() else states

    @property
    def unclaimed(self) -> int:
        """Lanes that no worker reports, though all workers are ready."""
        return self.lanes.get("none", 0) if self.own and all(worker.ready for worker in self.own) else 0

    @property
    def sources(self) -> tuple[str, str]:
        """The topics that lanes read."""
        return self.settings.topics.raw, self.settings.topics.orders

    def lag(self, topic: str) -> int | None:
        """Events to be processed, as workers report for each partition; otherwise offsets, as Kafka reports."""
        told = [
            sample.value
            for worker in self.own
            for sample in worker.metrics.get("bridge_consumer_lag_events", ())
            if sample.labels["topic"] == topic
        ]
        if len(told) == self.partitions:
            return int(sum(told))
        return None if self.kafka.behind is None else self.kafka.behind.get(topic)

    def orders(self, which: Counted) -> int | None:
        """The number of such orders; None unless each partition is ready in some worker, and each of these workers
        reports it."""
        told, is_all = self.orders_told(which)
        return told if is_all else None

    def orders_told(self, which: Counted) -> tuple[int, bool]:
        """The number that workers report, and whether it is complete. Each worker counts `of_older_rules` by its own
        rules, so a worker of the previous version reports none."""
        return self._told(f"bridge_orders_{which}", self.settings.topics.orders, READY)

    def conflicts_told(self) -> tuple[int, bool]:
        """The number of conflicts held back, of whatever age, that workers report, and whether it is complete."""
        return self._told("bridge_conflicts_open", self.settings.topics.raw)

    def halted(self) -> list[str]:
        """Lanes that wait for an operator, as `topic/partition`."""
        return sorted(f"{s.labels['topic']}/{s.labels['partition']}" for s in _lane_samples(self.own, "halted"))

    def refused(self) -> Mapping[str, int]:
        """Deliveries that our ingress answered with 500 since the previous picture, by cause."""
        if self.since is None or not self.since.ingress.metrics:  # what it has ever refused is not what it refuses now
            return {}
        if not self._is_ours(self.ingress):
            return {}
        now, before = _refused(self.ingress, "500"), _refused(self.since.ingress, "500")
        return {cause: new for cause, number in now.items() if (new := number - before.get(cause, 0)) > 0}

    def turned_away(self) -> int:
        """Deliveries that our ingress has answered 401, 404 or 405 since its start: NewStore's, if its key or URL is
        wrong, or with 401 a stranger's. Without a right key, another path or method is no delivery."""
        return sum(_refused(self.ingress, "401", "404", "405").values()) if self._is_ours(self.ingress) else 0

    def per_second(self) -> tuple[float | None, float | None]:
        """Events a second: received in the last minute, and processed since the previous picture, by each worker
        between the moments at which it was heard."""
        arrived = self.kafka.arrivals
        received = None if arrived is None else arrived.last_minute / 60
        if self.since is None:
            return received, None
        now, before = _processed(self.own), _processed(self.since.own)
        # A worker that was started meanwhile counts from 0. If one told nothing at the look before,
        # all that it has ever processed would count.
        if not now or now.keys() != before.keys():
            return received, None
        changes = [(events - before[url].events, at - before[url].at) for url, (events, at) in now.items()]
        if any(events < 0 or seconds <= 0 for events, seconds in changes):
            return received, None
        return received, sum(events / seconds for events, seconds in changes)

    def _is_ours(self, service: Service) -> bool:
        return service.foreign(self.settings) is None and service.other_tenant(self.settings) is None

    def _told(self, gauge: str, topic: str, state: str | None = None) -> tuple[int, bool]:
        """The sum over the workers that have lanes of this topic, in this state if one is given, and whether they have
        all of them and tell."""
        having = [(worker, _lanes_of(worker, topic, state)) for worker in self.own]
        told = [worker.sum(gauge) for worker, lanes in having if lanes]
        is_all = sum(lanes for _, lanes in having) >= self.partitions and None not in told
        return int(sum(number or 0 for number in told)), is_all


def _lanes_of(worker: Service, topic: str, state: str | None) -> int:
    return sum(sample.labels["topic"] == topic for sample in _lane_samples([worker], state))


def _lane_samples(workers: Iterable[Service], state: str | None = None) -> list[Sample]:
    return [
        sample
        for worker in workers
        for sample in worker.metrics.get("bridge_lane_state", ())
        if sample.value and state in {None, sample.labels["state"]}
    ]


def _refused(ingress: Service, *statuses: str) -> Mapping[str, int]:
    told = ingress.metrics.get("bridge_ingress_refused_total", ())
    return {each.labels["cause"]: int(each.value) for each in told if each.labels["status"] in statuses}


class _Processed(NamedTuple):
    """The number of events that a worker has processed, and when it said so. Workers are heard at different moments:
    the first look asks most of them only once Kafka has named them, which may take seconds."""

    events: float
    at: float


def _processed(workers: Iterable[Service]) -> Mapping[str, _Processed]:
    return {
        worker.url: _Processed(worker.sum("bridge_events_total") or 0, worker.heard_at)
        for worker in workers
        if worker.metrics and worker.heard_at is not None
    }
