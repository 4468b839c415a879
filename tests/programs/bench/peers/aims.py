"""What the bridge wants to reach beside others, and whether the committed results reach it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tests.programs.bench.peers.results import Results, Rounds

Cases = Mapping[str, Mapping[str, Rounds]]


@dataclass(frozen=True, slots=True)
class Aim:
    """`found` reads a value from the cases of `what`; None: not measured. The aim is reached from `least` on, or down
    to `most`."""

    text: str
    what: str
    found: Callable[[Cases], float | None]
    least: float | None = None
    most: float | None = None

    @property
    def bound(self) -> str:
        """The bound, for people to read."""
        return f"≥ {self.least:,g}" if self.least is not None else f"≤ {self.most:,g}"

    def holds(self, value: float) -> bool:
        """Whether the value reaches the aim."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def _median(case: str, contender: str, figure: str) -> Callable[[Cases], float | None]:
    def found(cases: Cases) -> float | None:
        rounds = cases.get(case, {}).get(contender)
        return None if rounds is None else rounds.spread(figure).middle

    return found


def _ratio(case: str, ours: str, other: str, figure: str) -> Callable[[Cases], float | None]:
    def found(cases: Cases) -> float | None:
        above, below = (_median(case, contender, figure)(cases) for contender in (ours, other))
        return None if above is None or below is None else above / below

    return found


def _most(contenders: str, *figures: str) -> Callable[[Cases], float | None]:
    def found(cases: Cases) -> float | None:
        values = [
            rounds.spread(figure).high
            for by_contender in cases.values()
            for contender, rounds in by_contender.items()
            if contender.startswith(contenders)
            for figure in figures
        ]
        return max(values, default=None)

    return found


def _worst(cases: str, figure: str) -> Callable[[Cases], float | None]:
    def found(by_case: Cases) -> float | None:
        medians = (_median(case, _ONE, figure)(by_case) for case in by_case if case.startswith(cases))
        return max((each for each in medians if each is not None), default=None)

    return found


_C64, _C256 = "700 B, 64 connections", "700 B, 256 connections"
_BARE: Final = "bare handler, uvloop"
_EVEN, _ORDERS = "even, snappy", "orders, snappy"
_ONE, _TWO = "ours, 1 process", "ours, 2 processes"
_DEFAULTS, _TUNED = "Kafka Streams, defaults", "Kafka Streams, tuned"
_RATE: Final = "per_second"

AIMS: Final = (
    Aim(
        "dedupe, two processes / Kafka Streams' defaults, events/s",
        "worker",
        _ratio(_EVEN, _TWO, _DEFAULTS, _RATE),
        2.2,
    ),
    Aim("dedupe, two processes / Kafka Streams tuned, events/s", "worker", _ratio(_EVEN, _TWO, _TUNED, _RATE), 1.2),
    Aim("dedupe, µs of CPU an event", "worker", _median(_EVEN, _TWO, "cpu_us"), most=14),
    Aim("dedupe, the broker's µs an event", "worker", _median(_EVEN, _TWO, "broker_us"), most=3.5),
    Aim("dedupe, one process / Quix Streams", "worker", _ratio(_EVEN, _ONE, "Quix Streams, exactly once", _RATE), 3),
    Aim("dedupe, one process / Faust", "worker", _ratio(_EVEN, _ONE, "Faust", _RATE), 25),
    Aim("dedupe and orders, one process, events/s", "worker", _median(_ORDERS, _ONE, _RATE), 12_000),
    Aim("dedupe and orders, two processes, events/s", "worker", _median(_ORDERS, _TWO, _RATE), 20_000),
    Aim("dedupe and orders, two processes / Kafka Streams tuned", "worker", _ratio(_ORDERS, _TWO, _TUNED, _RATE), 1),
    Aim(
        "ingress / the bare uvloop handler, 64 connections, requests/s",
        "ingress",
        _ratio(_C64, "ours", _BARE, _RATE),
        0.9,
    ),
    Aim("ingress, its p99 / that one's", "ingress", _ratio(_C64, "ours", _BARE, "p99_ms"), most=1),
    Aim("ingress / that one, 256 connections, requests/s", "ingress", _ratio(_C256, "ours", _BARE, _RATE), 1.3),
    Aim(
        "request to cleaned record at 500 a second, p50, ms",
        "latency",
        _worst("500 a second", "cleaned_p50_ms"),
        most=40,
    ),
    Aim(
        "request to cleaned record at 500 a second, p99, ms",
        "latency",
        _worst("500 a second", "cleaned_p99_ms"),
        most=100,
    ),
    Aim("lost or twice after a kill -9, at most", "kill", _most("ours", "lost", "duplicated"), most=0),
    Aim("seconds to new output after a kill -9, at most", "kill", _most("ours", "first_s"), most=5),
)


def aims(results: Results) -> Iterator[str]:
    """A table: aim, what was found, and whether it is reached."""
    yield "| | aim | found | |"
    yield "|---|--:|--:|---|"
    for aim in AIMS:
        value = aim.found(results.of(aim.what))
        if value is None:
            yield f"| {aim.text} | {aim.bound} | - | not measured |"
        else:
            digits = 0 if value >= 1000 else 1 if value >= 10 else 2
            yield f"| {aim.text} | {aim.bound} | {value:,.{digits}f} | {'reached' if aim.holds(value) else 'missed'} |"
