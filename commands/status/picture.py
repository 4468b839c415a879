"""How a deployment is at one moment, as far as it could be found out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, get_args

from bridge.settings import Settings
from commands.status.arrivals import Arrivals
from commands.terminal.members import Member
from commands.terminal.services import Sample, Service

READY: Final = "ready"
Counted = Literal["incomplete", "stalled", "of_older_rules"]
COUNTED: Final[tuple[Counted, ...]] = get_args(Counted)
"""What orders are counted by."""
LOOKED_BACK: Final = "the last hour"
NEWEST: Final = 1000
"""Kept records that are looked at, whether they were published again: of more, only the reasons are counted."""
FLOOD: Final = 20_000
"""Records of an hour that are counted only: to decode so many holds the event loop, and with it every deadline."""


class KeptCounts(NamedTuple):
    """What was kept aside in the last hour: how many records, how many of the `NEWEST` of them are open, how many there
    are by reason, and how many of the `NEWEST` were published again, by reason. `open` is None where they were not
    read in time: then nothing but about how many they are is known."""

    records: int
    open: int | None
    reasons: Mapping[str, int]
    published: Mapping[str, int] = {}

    @property
    def at_least(self) -> str:
        """What stands before a number of open ones."""
        return "at least " if self.records > NEWEST else ""

    @property
    def at_most(self) -> str:
        """What stands before a number of those that were not published again."""
        return "at most " if self.records > NEWEST else ""


@dataclass(frozen=True, slots=True)
class KafkaSide:
    """What Kafka tells; None where it was not asked, or did not answer, and then `troubles` say why. `is_silent`: one
    of them is that an answer did not come in time, so what follows from that is no refusal. `lacks_topics`: one is that
    a topic does not exist. `partitions`: how many topics have, where it was asked since they are not as they must be.

    `behind`: offsets between what the group has processed and the end, by topic; transaction markers count.
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
        """Whether there is nothing but troubles."""
        told = (self.members, self.behind, self.arrivals, self.quarantined, self.conflicts)
        return all(each is None for each in told)


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it. `at` is in seconds since 1970. `since`: the picture before this one, if any, for what happens in
    between."""

    settings: Settings
    at: float
    ingress: Service
    workers: Sequence[Service]
    kafka: KafkaSide
    since: "Picture | None" = field(default=None, repr=False)

    @property
    def own(self) -> Sequence[Service]:
        """The workers without one that is another deployment's, of which BRIDGE_WORKER_URL may be."""
        return [worker for worker in self.workers if worker.foreign(self.settings) is None]

    @property
    def partitions(self) -> int:
        """How many topics have, whatever this environment says: in one for a migration it says how many they get."""
        return self.kafka.partitions or self.settings.partitions

    @property
    def lanes(self) -> Mapping[str, int]:
        """How many lanes are in each state; `none` are those that no worker tells of."""
        states = Counter(sample.labels["state"] for sample in _lane_samples(self.own))
        of_all = len(self.sources) * self.partitions
        return {**states, "none": of_all - states.total()} if of_all > states.total() else states

    @property
    def unclaimed(self) -> int:
        """How many lanes no worker tells of while each of them answers, and says that it is ready."""
        return self.lanes.get("none", 0) if self.own and all(worker.ready for worker in self.own) else 0

    @property
    def sources(self) -> tuple[str, str]:
        """The topics that lanes read."""
        return self.settings.topics.raw, self.settings.topics.orders

    def lag(self, topic: str) -> int | None:
        """Events that are still to be processed, as workers tell of each partition; else offsets, as Kafka tells."""
        told = [
            sample.value
            for worker in self.workers
            for sample in worker.metrics.get("bridge_consumer_lag_events", ())
            if sample.labels["topic"] == topic
        ]
        if len(told) == self.partitions:
            return int(sum(told))
        return None if self.kafka.behind is None else self.kafka.behind.get(topic)

    def orders(self, which: Counted) -> int | None:
        """How many, where every partition of them is ready somewhere, and each worker that has one tells."""
        told, is_all = self.orders_told(which)
        return told if is_all else None

    def orders_told(self, which: Counted) -> tuple[int, bool]:
        """How many workers tell of, and whether that is all. Orders of older rules are so by the rules of the worker
        that has them: one of the version before tells of none."""
        opened = [(worker, self._ready_orders(worker)) for worker in self.own]
        told = [worker.sum(f"bridge_orders_{which}") for worker, lanes in opened if lanes]
        is_all = sum(lanes for _, lanes in opened) >= self.partitions and None not in told
        return int(sum(number or 0 for number in told)), is_all

    def halted(self) -> list[str]:
        """Lanes that wait for an operator, as `topic/partition`."""
        return sorted(f"{s.labels['topic']}/{s.labels['partition']}" for s in _lane_samples(self.own, "halted"))

    def refused(self) -> Mapping[str, int]:
        """Deliveries that the ingress has answered 500 since the picture before, by cause."""
        if self.since is None:
            return {}
        now, before = _refused(self.ingress), _refused(self.since.ingress)
        return {cause: new for cause, number in now.items() if (new := number - before.get(cause, 0)) > 0}

    def per_second(self) -> tuple[float | None, float | None]:
        """Events received in the last minute, and processed since the picture before: by second."""
        arrived = self.kafka.arrivals
        received = None if arrived is None else arrived.last_minute / 60
        if self.since is None or self.at <= self.since.at:
            return received, None
        now, before = _processed(self.own), _processed(self.since.own)
        # A worker that was started meanwhile begins to count at 0.
        rate = None if now is None or before is None or now < before else (now - before) / (self.at - self.since.at)
        return received, rate

    def _ready_orders(self, worker: Service) -> int:
        of_one = _lane_samples([worker], READY)
        return sum(sample.labels["topic"] == self.settings.topics.orders for sample in of_one)


def _lane_samples(workers: Iterable[Service], state: str | None = None) -> list[Sample]:
    return [
        sample
        for worker in workers
        for sample in worker.metrics.get("bridge_lane_state", ())
        if sample.value and state in {None, sample.labels["state"]}
    ]


def _refused(ingress: Service) -> Mapping[str, int]:
    told = ingress.metrics.get("bridge_ingress_refused_total", ())
    return {each.labels["cause"]: int(each.value) for each in told if each.labels["status"] == "500"}


def _processed(workers: Iterable[Service]) -> float | None:
    counted = [worker.sum("bridge_events_total") for worker in workers if worker.silence is None]
    return sum(each or 0 for each in counted) if counted else None
