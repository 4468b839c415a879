"""Makes metrics: one registry for each service, and a description of each metric for docs/metrics.md."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from bridge.metrics.kinds import BatchHistogram, OptionalGauge
from schemas.events import EVENT_NAMES

# They would put a second series, which nobody reads, beside each counter.
disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client left this one without types

_KNOWN: Final = frozenset(EVENT_NAMES)


def event_label(name: str) -> str:
    """The value of the label `event`: one of the 42 names, else `other`, so that senders cannot add series."""
    return name if name in _KNOWN else "other"


class Described(NamedTuple):
    """A row of docs/metrics.md. `odd`: which values are worth a look, and where to look."""

    service: str
    kind: str
    name: str
    labels: Sequence[str]
    text: str
    odd: str


DESCRIBED: Final[list[Described]] = []


class Service:
    """Makes the metrics of one service, in a registry of its own: neither exposes the other's zeros."""

    def __init__(self, name: str) -> None:
        self.name, self.registry = name, CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def counter(self, name: str, text: str, *labels: str, odd: str) -> Counter:
        """A sum that only grows."""
        self._describe("counter", name, labels, text, odd)
        return Counter(name, text, labels, registry=self.registry)

    def gauge(self, name: str, text: str, *labels: str, odd: str) -> Gauge:
        """A value of this moment."""
        self._describe("gauge", name, labels, text, odd)
        return Gauge(name, text, labels, registry=self.registry)

    def optional_gauge(self, name: str, text: str, *, odd: str) -> OptionalGauge:
        """The same, without a series while the value is not known."""
        self._describe("gauge", name, (), text, odd)
        return OptionalGauge(name, text, self.registry)

    def histogram(self, name: str, text: str, buckets: Sequence[float], *, odd: str) -> Histogram:
        """Counts how many values are at most as large as each bucket."""
        self._describe("histogram", name, (), text, odd)
        return Histogram(name, text, buckets=buckets, registry=self.registry)

    def batch_histogram(self, name: str, text: str, buckets: Sequence[float], *, odd: str) -> BatchHistogram:
        """The same, for values that come often."""
        self._describe("histogram", name, (), text, odd)
        return BatchHistogram(name, text, buckets, self.registry)

    def _describe(self, kind: str, name: str, labels: Sequence[str], text: str, odd: str) -> None:
        DESCRIBED.append(Described(self.name, kind, name, labels, text, odd))
