"""What spans cost a delivery and a unit, off and on: `python -m tests.programs.bench.tracing`. Nothing is sent."""

import timeit
from types import SimpleNamespace
from typing import Any, Final

from multidict import CIMultiDict
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from bridge.otel import OtelSpans
from bridge.tracing import NoSpans, Spans

TIMES: Final = 20_000
RECORDS: Final = 500
HEADERS: Final = CIMultiDict({"content-type": "application/json", "authorization": "Bearer key", "host": "bridge"})
UNIT: Final[list[Any]] = [
    SimpleNamespace(headers=(("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),))
] * RECORDS


class Nowhere(SpanExporter):
    """Takes spans and forgets them."""

    def export(self, _spans: Any) -> SpanExportResult:
        """See SpanExporter."""
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """See SpanExporter."""


def delivered(spans: Spans) -> None:
    """What a delivery does."""
    with spans.delivery(HEADERS):
        pass


def main() -> None:
    """Print a table."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Nowhere()))
    rows: list[tuple[str, Spans]] = [("off", NoSpans()), ("on", OtelSpans(provider))]
    print(f"      delivery    unit of {RECORDS}")
    for name, spans in rows:
        delivery = min(timeit.repeat(lambda spans=spans: delivered(spans), number=TIMES, repeat=5)) / TIMES  # type: ignore[misc]
        units = TIMES // RECORDS
        unit = min(timeit.repeat(lambda spans=spans: spans.unit("raw", 0, UNIT, 0.1), number=units, repeat=5)) / units  # type: ignore[misc]
        print(f"{name:4}{delivery * 1e6:8.2f} µs{unit * 1e6:10.2f} µs")
    provider.shutdown()


if __name__ == "__main__":
    main()
