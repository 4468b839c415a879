"""Turns pages of real services, one look after the other, into what a more patient Prometheus would have.

An alert waits for minutes or hours until it is sure; a test does not. So each look counts as one sample, and may go on
for as many samples as the alert wants. Counters then grow as they did between the last two looks, and everything else
stays. Between looks they grow by what they really did, or by what they would have at that pace. What they had counted
at the first look is long past: they begin at 0. So what a fault does to the metrics is real; that it lasts is not.
"""

import math
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Final, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.observability.promtool_cases import Series
from tests.deploy.observability.rules import metrics_in, rules

_ASKED_FOR: Final = frozenset(name for rule in rules() for name in metrics_in(rule["expr"]))
_INSTANTS: Final = ("_timestamp_seconds", "process_start_time_seconds")
"""Metrics in seconds since 1970, while promtool's time begins at 0."""
_VERSION: Final = version("newstore-kafka-bridge")
_RUNNING: Final = {
    "ingress": [f'bridge_build_info{{namespace="shop",service="ingress",version="{_VERSION}"}}'],
    "worker": [
        f'bridge_build_info{{namespace="shop",service="worker",version="{_VERSION}"}}',
        'bridge_lane_state{namespace="shop",partition="0",state="ready",topic="raw"}',
    ],
}
_GROWING: Final = {"counter", "histogram"}


class _Look(NamedTuple):
    """What was there, for how many more samples it goes on, and when it was (seconds)."""

    found: Mapping[str, float]
    then: int
    at: float


class Scrapes:
    """`look(worker=page)`, several times; None: the service did not answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._began, self._clock = time.time(), clock
        self._looks: list[_Look] = []
        self._growing: set[str] = set()

    @property
    def last(self) -> int:
        """The number of the last sample, counted from 0."""
        return sum(1 + look.then for look in self._looks) - 1

    def look(self, then: int = 0, **pages: str | None) -> None:
        """Take one sample of each page. It goes on like that for `then` more."""
        found: dict[str, float] = {}
        for instance, page in pages.items():
            found |= self._read(instance, page or "")
            found[f'up{{instance="{instance}",job="bridge",namespace="shop"}}'] = float(page is not None)
        self._looks.append(_Look(found, then, self._clock()))

    def series(self, paced_s: float | None = None, **scaled: float) -> Series:
        """What promtool is given. Values of a metric in `scaled` are so many times as large. A service that was never
        looked at is said to run, and the worker to have a lane. `paced_s`: seconds between two looks, as promtool is
        told. Counters grow in them at the pace that they had between the looks."""
        names = sorted(set().union(*(look.found for look in self._looks)))
        found = {name: " ".join(self._values(name, scaled.get(name.partition("{")[0], 1.0), paced_s)) for name in names}
        for service, its_own in _RUNNING.items():
            if not any(name.startswith("bridge_build_info") and f'service="{service}"' in name for name in names):
                found |= dict.fromkeys(its_own, f"1x{self.last}")
        return found

    def _read(self, instance: str, page: str) -> Mapping[str, float]:
        found = {}
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                if not metrics_in(sample.name) <= _ASKED_FOR:
                    continue
                labels = {**sample.labels, "instance": instance, "job": "bridge", "namespace": "shop"}
                told = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
                name = f"{sample.name}{{{told}}}"
                shift = self._began if sample.name.endswith(_INSTANTS) else 0.0
                found[name] = sample.value - shift
                if family.type in _GROWING:
                    self._growing.add(name)
        return found

    def _values(self, name: str, scale: float, paced_s: float | None) -> list[str]:
        """`added`: by how much a counter has grown in times and samples that never were."""
        written, before, added = list[str](), 0.0, 0.0
        past = self._looks[0].found.get(name, 0.0) if name in self._growing else 0.0
        for number, look in enumerate(self._looks):
            now = look.found.get(name)
            if now is None:
                written.append(f"_x{1 + look.then}")
                continue
            grown = now - before if name in self._growing and number else 0.0
            if grown < 0:  # a process began anew
                grown, added, past = 0.0, 0.0, 0.0
            longer = paced_s / (look.at - self._looks[number - 1].at) if paced_s and number else 1.0
            added, grown = added + grown * (longer - 1), grown * longer
            written.append(f"{_number((now - past + added) * scale)}+{_number(grown * scale)}x{look.then}")
            before, added = now, added + grown * look.then
        return written


def _number(value: float) -> str:
    assert not math.isnan(value), "no sample that a rule asks for is no number"
    return format(value, "f")
