"""A turn of a worker that is killed on the way: what is lost, what comes twice, and how soon there is new output."""

import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Message

from deploy.local.broker import JavaBroker
from tests.programs.bench.peers.contenders import Contender
from tests.programs.bench.peers.drain import WARM_SHARE, wait_committed, wait_until_members
from tests.programs.bench.peers.processes import running
from tests.programs.bench.peers.site import Place, Site, sited
from tests.programs.bench.peers.watcher import Watcher
from tests.programs.bench.peers.workloads import Workload

_KILLED_AT: Final = 0.3
"""The share of the events that are committed by then."""
_POLL_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Killed:
    """`first_s`: seconds from the restart until a reader of committed records sees the first record written since."""

    events: int
    first_s: float
    lost: int
    duplicated: int


def kill(kafka: JavaBroker, contender: Contender, workload: Workload, count: int) -> Killed:
    """Send SIGKILL to all its processes amid the work, restart them at once, and read everything."""
    warm, measured = (int(count * contender.share * share) for share in (WARM_SHARE, 1 - WARM_SHARE))
    records = workload.records(count)
    with sited(kafka.bootstrap_servers, contender.group) as site:
        with running(contender.commands(site.settings, workload.folds)) as processes, _Reader(site).reading() as reader:
            wait_until_members(site, contender, processes)
            wait_committed(site, site.fill(itertools.islice(records, warm)).behind_last, processes)
            filled = site.fill(itertools.islice(records, measured))
            enough = warm + measured * _KILLED_AT
            while sum(site.committed([site.settings.topics.raw]).values()) < enough:
                processes.check()
                time.sleep(_POLL_S)
            processes.kill()
            reader.look_behind(site.ends(site.settings.topics.cleaned.values()))
            restarted = time.monotonic()
            processes.restart()
            wait_committed(site, filled.behind_last, processes)
            first_s = reader.first_seen() - restarted
        found = site.found()
    return Killed(filled.count, first_s, found.lost, found.duplicated)


class _Reader(Watcher):
    """Looks in the cleaned topics for the first record behind what was there."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, site.settings.topics.cleaned.values(), fetch_ms=10, most=1000, wait=0.05)
        self._ends: Mapping[Place, int] | None = None
        self._first = threading.Event()
        self._at = 0.0

    def look_behind(self, ends: Mapping[Place, int]) -> None:
        """From now on, look for the first record at one of these offsets or behind it."""
        self._ends = ends

    def first_seen(self) -> float:
        """When that record came. AssertionError: it does not come."""
        assert self._first.wait(60), "no new output was seen"
        return self._at

    def take(self, message: Message) -> None:
        """See `Watcher`."""
        ends = self._ends
        if ends is None or self._first.is_set():
            return
        if message.offset() >= ends[message.topic(), message.partition()]:
            self._at = time.monotonic()
            self._first.set()
