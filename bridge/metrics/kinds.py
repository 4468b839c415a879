"""Kinds of metrics that prometheus_client lacks: a histogram for what happens often, a gauge that may be unknown."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector


class BatchHistogram(Collector):
    """For values that come often: prometheus_client's histogram has a lock for each of its sums and takes 2 µs a value,
    too much for every event. `buckets`: upper bounds, ascending, without infinity. Not for several threads."""

    def __init__(self, name: str, documentation: str, buckets: Sequence[float], registry: CollectorRegistry) -> None:
        self._name, self._documentation, self._buckets = name, documentation, buckets
        self._counts = [0] * (len(buckets) + 1)
        self._sum = 0.0
        registry.register(self)

    def observe(self, value: float) -> None:
        """Count a value in the first bucket that holds it."""
        self._sum += value
        self._counts[bisect_left(self._buckets, value)] += 1

    def observe_many(self, values: Iterable[float]) -> None:
        """Count each value in the first bucket that holds it."""
        values = list(values)
        self._sum += sum(values)
        for index in map(partial(bisect_left, self._buckets), values):
            self._counts[index] += 1

    def collect(self) -> Iterator[Metric]:
        """As Prometheus wants it: cumulative."""
        bounds = [*(str(float(bucket)) for bucket in self._buckets), "+Inf"]
        counts = list(zip(bounds, map(float, accumulate(self._counts)), strict=True))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=counts, sum_value=self._sum)


class OptionalGauge(Collector):
    """A gauge without a series while nobody knows its value: a 0 would look like a fact. Not for several threads."""

    def __init__(self, name: str, documentation: str, registry: CollectorRegistry) -> None:
        self._name, self._documentation = name, documentation
        self._value: float | None = None
        registry.register(self)

    def set(self, value: float | None) -> None:
        """The value from now on; None: it is not known, or not any more."""
        self._value = value

    def collect(self) -> Iterator[Metric]:
        """As Prometheus wants it."""
        family = GaugeMetricFamily(self._name, self._documentation)
        if self._value is not None:
            family.add_metric((), self._value)
        yield family
