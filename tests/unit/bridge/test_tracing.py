"""Spans as a collector would get them, and none unless asked for."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from multidict import CIMultiDict
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from structlog.testing import capture_logs

from bridge.otel import MOST_LINKS, OtelSpans
from bridge.refusals import SettingsError
from bridge.settings import Settings
from bridge.tracing import NoSpans, spans_of

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Takes the spans."""
    return InMemorySpanExporter()


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> OtelSpans:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return OtelSpans(provider)


def hex_ids(span: ReadableSpan) -> tuple[str, str]:
    context = span.get_span_context()
    assert context is not None
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


def record(traceparent: str | None) -> Any:
    return SimpleNamespace(headers=() if traceparent is None else (("traceparent", traceparent.encode()),))


def test_the_record_of_a_delivery_carries_its_span_which_is_a_child_of_the_callers(
    spans: OtelSpans, exporter: InMemorySpanExporter
) -> None:
    given = CIMultiDict({"Traceparent": CALLER, "X-Other": "kept"})
    with spans.delivery(given) as headers:
        assert headers["X-Other"] == "kept"
        carried = headers["traceparent"]
    assert given["traceparent"] == CALLER, "the request is what it was"
    (span,) = exporter.get_finished_spans()
    trace_id, span_id = hex_ids(span)
    assert carried == f"00-{trace_id}-{span_id}-01"
    assert trace_id == TRACE
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == SPAN


def test_without_a_caller_that_traces_a_trace_begins(spans: OtelSpans, exporter: InMemorySpanExporter) -> None:
    for sent in ({}, {"traceparent": "nonsense"}):
        with spans.delivery(CIMultiDict(sent)) as headers:
            assert headers["traceparent"].startswith("00-")
    assert [span.parent for span in exporter.get_finished_spans()] == [None, None]


def test_a_delivery_that_fails_has_a_span_that_says_so_and_not_what_was_sent(
    spans: OtelSpans, exporter: InMemorySpanExporter
) -> None:
    with pytest.raises(ValueError, match="secret"), spans.delivery(CIMultiDict()):
        raise ValueError("secret")
    (span,) = exporter.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert "secret" not in span.to_json()


def test_a_unit_has_a_link_to_the_trace_of_each_of_its_records(
    spans: OtelSpans, exporter: InMemorySpanExporter
) -> None:
    spans.unit("raw", 3, [record(CALLER), record(None), record("nonsense")], 1.5)
    (span,) = exporter.get_finished_spans()
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [TRACE]
    assert span.attributes is not None
    assert span.attributes["messaging.batch.message_count"] == 3
    assert (span.name, span.attributes["messaging.destination.partition.id"]) == ("process raw", "3")
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time - span.start_time == 1_500_000_000


def test_links_are_bounded_and_a_tick_is_no_span(spans: OtelSpans, exporter: InMemorySpanExporter) -> None:
    spans.unit("raw", 3, [], 1.0)
    assert exporter.get_finished_spans() == ()
    spans.unit("raw", 3, [record(CALLER)] * (MOST_LINKS + 1), 1.0)
    (span,) = exporter.get_finished_spans()
    assert len(span.links) <= MOST_LINKS


@pytest.mark.parametrize("sent", [{}, {"traceparent": CALLER}])
def test_where_opentelemetry_is_disabled_records_carry_what_the_caller_sent(
    monkeypatch: pytest.MonkeyPatch, sent: dict[str, str]
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    spans = OtelSpans(TracerProvider())
    with spans.delivery(CIMultiDict(sent)) as headers:
        assert dict(headers) == sent
    spans.unit("raw", 3, [record(CALLER)], 1.0)


def test_what_fails_in_tracing_fails_no_delivery_and_no_unit() -> None:
    class Broken(SpanProcessor):
        def on_start(self, *_: Any, **__: Any) -> None:
            raise RuntimeError("a defect")

        on_end = on_start

    provider = TracerProvider()
    provider.add_span_processor(Broken())
    spans = OtelSpans(provider)
    with capture_logs() as lines:
        with spans.delivery(CIMultiDict({"traceparent": CALLER})) as headers:
            assert headers["traceparent"] == CALLER
        spans.unit("raw", 3, [record(CALLER)], 1.0)
    assert [line["event"] for line in lines] == ["a span is lost"] * 2


def test_unless_it_is_asked_for_nothing_is_traced_and_records_carry_what_the_caller_sent() -> None:
    spans = spans_of(Settings(tenant="acme"), "ingress")
    assert isinstance(spans, NoSpans)
    headers = CIMultiDict({"traceparent": CALLER})
    with spans.delivery(headers) as carried:
        assert carried is headers


def test_who_asks_for_spans_without_their_packages_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bridge.otel", None)
    with pytest.raises(SettingsError, match="newstore-kafka-bridge\\[otel\\]"):
        spans_of(Settings(tenant="acme", tracing="otlp"), "ingress")
