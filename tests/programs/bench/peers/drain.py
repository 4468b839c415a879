"""A turn of a worker: how fast it goes through a full raw topic, what that costs, and what the topics hold then."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deploy.local.broker import JavaBroker
from tests.integration.waiting import wait_until
from tests.programs.bench.peers.contenders import Contender
from tests.programs.bench.peers.processes import Processes, cpu_seconds, running
from tests.programs.bench.peers.site import Place, Site, sited
from tests.programs.bench.peers.workloads import Workload

WARM_SHARE: Final = 0.1
"""Share of the events that it goes through before: by then a JVM has compiled what it will run."""
_LOOK_S: Final = 0.1
_PATIENCE_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Drained:
    """µs of CPU are for each event. `rss_mb`: the largest resident sets of all processes together."""

    events: int
    per_second: float
    cpu_us: float
    broker_us: float
    rss_mb: float
    lost: int
    duplicated: int


def drain(kafka: JavaBroker, contender: Contender, workload: Workload, count: int) -> Drained:
    """Measure from the moment when the events become visible until the group has committed all of them."""
    warm, measured = (int(count * contender.share * share) for share in (WARM_SHARE, 1 - WARM_SHARE))
    records = workload.records(count)
    with sited(kafka.bootstrap_servers, contender.group) as site:
        with running(contender.commands(site.settings, workload.folds)) as processes:
            wait_until_members(site, contender, processes)
            wait_committed(site, site.fill(itertools.islice(records, warm)).behind_last, processes)
            filled = site.fill(itertools.islice(records, measured))
            cpu, broker = processes.cpu_seconds(), cpu_seconds(kafka.pid)
            wait_committed(site, filled.behind_last, processes)
            if workload.folds:
                wait_committed(site, site.behind_last(site.settings.topics.orders), processes)
            seconds = time.monotonic() - filled.began
            cpu, broker = processes.cpu_seconds() - cpu, cpu_seconds(kafka.pid) - broker
            rss_mb = processes.rss_mb()
        found = site.found()
    return Drained(
        events=filled.count,
        per_second=filled.count / seconds,
        cpu_us=cpu / filled.count * 1e6,
        broker_us=broker / filled.count * 1e6,
        rss_mb=rss_mb,
        lost=found.lost,
        duplicated=found.duplicated,
    )


def wait_until_members(site: Site, contender: Contender, processes: Processes) -> None:
    """Return once each of several processes has its share of the partitions."""
    if contender.processes == 1:
        return  # its warm-up shows that it is ready

    def are_there() -> bool:
        processes.check()
        return site.members() == contender.processes

    wait_until("all are members of their group", are_there)


def wait_committed(site: Site, wanted: Mapping[Place, int], processes: Processes) -> None:
    """Return once the group has committed up to these offsets everywhere."""
    topics = {topic for topic, _ in wanted}
    deadline = time.monotonic() + _PATIENCE_S
    while not _is_committed(committed := site.committed(topics), wanted):
        processes.check()
        assert time.monotonic() < deadline, f"it does not get through: {committed} of {wanted}"
        time.sleep(_LOOK_S)


def _is_committed(committed: Mapping[Place, int], wanted: Mapping[Place, int]) -> bool:
    return all(committed[place] >= offset for place, offset in wanted.items())
