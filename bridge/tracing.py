"""Spans of deliveries and units, for whoever traces: an interface, and what it costs to have none."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from multidict import MultiMapping

from bridge.kafka.reading import Record
from bridge.refusals import SettingsError
from bridge.settings import Settings


class Spans(Protocol):
    """What is told of deliveries and units."""

    def delivery(self, headers: MultiMapping[str]) -> AbstractContextManager[MultiMapping[str]]:
        """The span of a delivery, from entering to leaving; an exception makes it one that failed. Gives the headers
        from which its record takes the `traceparent`."""

    def unit(self, topic: str, partition: int, records: Sequence[Record], seconds: float) -> None:
        """A unit of these source records was committed just now, and took so long: a span with a link to the trace of
        each, as far as they have any."""

    def close(self) -> None:
        """Send what is still here, for a second at most."""


class NoSpans:
    """Traces nothing: records carry the caller's `traceparent`, if it sent one."""

    def delivery(self, headers: MultiMapping[str]) -> AbstractContextManager[MultiMapping[str]]:
        """See Spans."""
        return nullcontext(headers)

    def unit(self, topic: str, partition: int, records: Sequence[Record], seconds: float) -> None:
        """See Spans."""

    def close(self) -> None:
        """See Spans."""


def spans_of(settings: Settings, service: str) -> Spans:
    """What the settings want. SettingsError: the packages for it are not here."""
    if settings.tracing == "off":
        return NoSpans()
    try:
        from bridge.otel import otlp_spans
    except ImportError as error:
        remedy = "pip install 'newstore-kafka-bridge[otel]'"
        raise SettingsError(f"BRIDGE_TRACING=otlp needs the extra otel ({error}): {remedy}.") from error
    return otlp_spans(service)
