"""Which turns a round has: what is measured, in which case, with which contender."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from deploy.local.broker import JavaBroker
from tests.programs.bench.peers.contenders import CONTENDERS
from tests.programs.bench.peers.drain import drain
from tests.programs.bench.peers.ingress import HANDLERS, answer
from tests.programs.bench.peers.kill import kill
from tests.programs.bench.peers.latency import NAMES, latency
from tests.programs.bench.peers.workloads import WORKLOADS

KINDS: Final = ("worker", "kill", "ingress", "latency")

Measure = Callable[[JavaBroker], Any]
"""Returns a dataclass of figures. BrokenEnvironment: this machine lacks something for it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`kinds`: of `KINDS`. `only`: beginnings of contenders' names. `sizes`: bytes of a request. `seconds`: for each
    size with each number of `connections`, and for each rate (events a second). `warm`: seconds at each rate before it
    counts, and twice as many for the broker before the first one."""

    kinds: Sequence[str] = KINDS
    rounds: int = 3
    events: int = 600_000
    workloads: Sequence[str] = tuple(WORKLOADS)
    codec: str = "snappy"
    rates: Sequence[int] = (100, 500, 2000)
    sizes: Sequence[int] = (700, 20_000)
    connections: Sequence[int] = (16, 64, 256)
    seconds: float = 5.0
    warm: float = 30.0
    only: Sequence[str] = ("",)

    def count(self, workload: str) -> int:
        """How many events a workload has."""
        return int(self.events * WORKLOADS[workload].share)


@dataclass(frozen=True, slots=True)
class Planned:
    """A turn to be carried out."""

    what: str
    case: str
    contender: str
    measure: Measure


def plan(asked: Asked) -> Iterator[Planned]:
    """The turns of a round."""
    kinds: Mapping[str, Callable[[Asked], Iterator[tuple[str, str, Measure]]]] = {
        "worker": partial(_drained, drain),
        "kill": partial(_drained, kill),
        "ingress": _answered,
        "latency": _timed,
    }
    for kind in asked.kinds:
        for case, contender, measure in kinds[kind](asked):
            if contender.startswith(tuple(asked.only)):
                yield Planned(kind, case, contender, measure)


def _drained(measure: Callable[..., Any], asked: Asked) -> Iterator[tuple[str, str, Measure]]:
    for name in asked.workloads:
        workload, count = WORKLOADS[name], asked.count(name)
        for contender in CONTENDERS.values():
            if name in contender.workloads:
                case = f"{name}, {asked.codec}"
                yield case, contender.name, partial(measure, contender=contender, workload=workload, count=count)


def _answered(asked: Asked) -> Iterator[tuple[str, str, Measure]]:
    for size in asked.sizes:
        for connections in asked.connections:
            for handler in HANDLERS:
                case = f"{size:,} B, {connections} connections"
                load = partial(answer, size=size, connections=connections, seconds=asked.seconds)
                yield case, handler, partial(load, handler=handler)


def _timed(asked: Asked) -> Iterator[tuple[str, str, Measure]]:
    for called, names in (("one name", NAMES[:1]), ("eight names", NAMES)):
        for rate in asked.rates:
            for contender in CONTENDERS.values():
                if contender.is_timed:
                    case = f"{rate:,} a second of {called}"
                    steady = partial(latency, rate=rate, names=names, seconds=asked.seconds)
                    ready = partial(steady, contender=contender, warm_seconds=asked.warm)
                    yield case, contender.name, ready
