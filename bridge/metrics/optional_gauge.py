"""A gauge without a series while nobody knows its value: a 0 would look like a fact."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class OptionalGauge(Collector):
    """Has no labels. Not for several threads."""

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
