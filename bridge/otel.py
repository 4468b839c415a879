"""Spans by OpenTelemetry. Its own variables say where they go, and how many: `OTEL_EXPORTER_OTLP_ENDPOINT`,
`OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES` and others."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from multidict import CIMultiDict, MultiMapping
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    INVALID_SPAN,
    INVALID_SPAN_CONTEXT,
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AnyValue

from bridge.kafka.reading import Record
from bridge.log import get_logger
from bridge.version import package_version
from schemas.headers import TRACEPARENT, traceparent_of

MOST_LINKS: Final = 1000
"""Most links of a unit's span: one for each of thousands of records would make a message of some hundred kB."""
CLOSE_S: Final = 1.0
"""Of the ten seconds that a process has after SIGTERM."""
_NS: Final = 1_000_000_000
_CONTEXT: Final = TraceContextTextMapPropagator()

log = get_logger(__name__)


def otlp_spans(service: str) -> "OtelSpans":
    """Spans that go to a collector by OTLP over HTTP, in the background."""
    known = {"service.name": f"bridge-{service}", "service.version": package_version()}
    limits = SpanLimits(max_links=MOST_LINKS)
    provider = TracerProvider(resource=Resource.create(known), span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OtelSpans(provider)


class OtelSpans:
    """See `bridge.tracing.Spans`. A failure here is logged, and fails no delivery and no unit."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider, self._tracer = provider, provider.get_tracer("bridge")

    @contextmanager
    def delivery(self, headers: MultiMapping[str]) -> Iterator[MultiMapping[str]]:
        """See Spans. The span is a child of the caller's, if it sent one; the record carries this span."""
        span: Span = INVALID_SPAN
        own = CIMultiDict(headers)
        with _harmless():
            span = self._begin(headers)
            if made := _traceparent(span):  # a tracer disabled by OTEL_SDK_DISABLED makes none
                own[TRACEPARENT] = made
        try:
            yield own
        except BaseException as error:
            with _harmless():  # only the error's type: its text may quote what was sent
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            with _harmless():
                span.end()

    def _begin(self, headers: MultiMapping[str]) -> Span:
        caller = _CONTEXT.extract({TRACEPARENT: headers.get(TRACEPARENT, "")})
        return self._tracer.start_span("delivery", caller, SpanKind.SERVER)

    def unit(self, topic: str, partition: int, records: Sequence[Record], seconds: float) -> None:
        """See Spans."""
        if records:
            with _harmless():
                self._tell(topic, partition, records, seconds)

    def _tell(self, topic: str, partition: int, records: Sequence[Record], seconds: float) -> None:
        ended = time.time_ns()
        attributes: dict[str, AnyValue] = {
            "messaging.system": "kafka",
            "messaging.destination.name": topic,
            "messaging.destination.partition.id": str(partition),
            "messaging.batch.message_count": len(records),
        }
        links = list(_links(records[:MOST_LINKS]))
        began = ended - int(seconds * _NS)
        name = f"process {topic}"
        span = self._tracer.start_span(name, None, SpanKind.CONSUMER, attributes, links, start_time=began)
        span.end(ended)

    def close(self) -> None:
        """See Spans."""
        # Waited for `CLOSE_S` only: if the collector is away, `shutdown` takes as long as a batch is tried.
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(CLOSE_S)


@contextmanager
def _harmless() -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("a span is lost")


def _traceparent(span: Span) -> str | None:
    carried: dict[str, str] = {}
    _CONTEXT.inject(carried, set_span_in_context(span))
    return carried.get(TRACEPARENT)


def _links(records: Sequence[Record]) -> Iterator[Link]:
    for record in records:
        context = _context(traceparent_of(record.headers))
        if context.is_valid:
            yield Link(context)


def _context(traceparent: str | None) -> SpanContext:
    """The context of a `traceparent`. OpenTelemetry's own reader takes five times as long; thousands come at once."""
    try:
        _, trace, span, flags = (traceparent or "").split("-")
        return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
    except ValueError:
        return INVALID_SPAN_CONTEXT
