"""Spans of deliveries and units: an interface, and an implementation that traces nothing."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from multidict import MultiMapping

from bridge.kafka.reading import Record
from bridge.refusals import SettingsError
from bridge.settings import Settings


class Spans(Protocol):
    """Is told of deliveries and units."""

    def delivery(self, headers: MultiMapping[str]) -> AbstractContextManager[MultiMapping[str]]:
        """The span of a delivery, from entering to leaving; an exception marks it as failed. Gives the headers from
        which the record takes its `traceparent`."""

    def unit(self, topic: str, partition: int, records: Sequence[Record], seconds: float) -> None:
        """A unit of these source records was committed just now, and took `seconds`: a span with a link to each
        record's trace, if it has one."""

    def close(self) -> None:
        """Send the spans that are left, for a second at most."""


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
    """The spans that the settings want. SettingsError: the packages for them are missing."""
    if settings.tracing == "off":
        return NoSpans()
    try:
        from bridge.otel import otlp_spans
    except ImportError as error:
        remedy = "pip install 'newstore-kafka-bridge[otel]'"
        raise SettingsError(f"BRIDGE_TRACING=otlp needs the extra otel ({error}): {remedy}.") from error
    return otlp_spans(service)
