"""Every metric of the bridge, one registry per service, so that neither exposes the other's zeros."""

from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from bridge.metrics.batch_histogram import BatchHistogram
from schemas.events import EVENT_NAMES

# They would put a second series beside each counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client left this one without types

_KNOWN: Final = frozenset(EVENT_NAMES)

REQUEST_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
END_TO_END_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
DELAY_SECONDS: Final = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86_400)
"""900 s is NewStore's SLA; a replay by date brings events that are months old."""


def event_label(name: str) -> str:
    """The value of the label `event`: one of the 42 names, else `other`, so that senders cannot add series."""
    return name if name in _KNOWN else "other"


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


ingress_registry: Final = _registry()
worker_registry: Final = _registry()


def _topic_settings_differing(registry: CollectorRegistry) -> Gauge:
    return Gauge(
        "bridge_topic_settings_differing",
        "1 for each topic setting that is not as `bridge topics apply` makes it and not tolerated",
        ["topic", "name"],
        registry=registry,
    )


ingress_topic_settings_differing: Final = _topic_settings_differing(ingress_registry)
worker_topic_settings_differing: Final = _topic_settings_differing(worker_registry)


@dataclass(frozen=True, slots=True)
class HttpMetrics:
    """What the ports of a service count."""

    refused_total: Counter
    connections: Gauge


def _http(registry: CollectorRegistry) -> HttpMetrics:
    refused = Counter(
        "bridge_http_refused_total",
        "What was refused before any handler saw it: connections and requests",
        ["port", "cause"],
        registry=registry,
    )
    return HttpMetrics(refused, Gauge("bridge_http_connections", "Open connections", ["port"], registry=registry))


ingress_http: Final = _http(ingress_registry)
worker_http: Final = _http(worker_registry)

ingress_requests_total: Final = Counter(
    "bridge_ingress_requests_total",
    "Requests by answer, those to other paths included",
    ["status"],
    registry=ingress_registry,
)
ingress_request_seconds: Final = Histogram(
    "bridge_ingress_request_seconds",
    "From a request's headers to its answer",
    buckets=REQUEST_SECONDS,
    registry=ingress_registry,
)
ingress_in_flight: Final = Gauge(
    "bridge_ingress_in_flight", "Requests waiting for Kafka's acknowledgement", registry=ingress_registry
)
ingress_events_total: Final = Counter(
    "bridge_ingress_events_total", "Events durable in the raw topic", ["event"], registry=ingress_registry
)
ingress_quarantined_total: Final = Counter(
    "bridge_ingress_quarantined_total",
    "Bodies, or stubs of them, durable in the quarantine topic",
    ["reason"],
    registry=ingress_registry,
)
delivery_delay_seconds: Final = Histogram(
    "bridge_delivery_delay_seconds",
    "From published_at to receipt by the bridge",
    buckets=DELAY_SECONDS,
    registry=ingress_registry,
)

events_total: Final = Counter(
    "bridge_events_total", "Raw records by what became of them", ["event", "outcome"], registry=worker_registry
)
shape_deviations_total: Final = Counter(
    "bridge_shape_deviations_total",
    "Fields in a sample of the raw records that differ from the event's model",
    ["event", "field", "kind"],
    registry=worker_registry,
)
end_to_end_seconds: Final = BatchHistogram(
    "bridge_end_to_end_seconds",
    "From receipt by the bridge to the cleaned topic",
    buckets=END_TO_END_SECONDS,
    registry=worker_registry,
)
handler_failures_total: Final = Counter(
    "bridge_handler_failures_total",
    "Records that no handler could process and that are in quarantine, by the topic they came from",
    ["topic"],
    registry=worker_registry,
)
transaction_seconds: Final = Histogram(
    "bridge_transaction_seconds",
    "One Kafka transaction, from its first record to its commit",
    buckets=REQUEST_SECONDS,
    registry=worker_registry,
)
chunk_events: Final = Histogram(
    "bridge_chunk_events",
    "Records in one transaction",
    buckets=(1, 10, 50, 100, 500, 1000, 2500, 5000, 10_000),
    registry=worker_registry,
)
consumer_lag_events: Final = Gauge(
    "bridge_consumer_lag_events",
    "Offsets of committed records that a lane has still to process; no series where the end is not known",
    ["topic", "partition"],
    registry=worker_registry,
)
source_high_watermark_offset: Final = Gauge(
    "bridge_source_high_watermark_offset",
    "End of a source partition, as its leader told",
    ["topic", "partition"],
    registry=worker_registry,
)
source_last_stable_offset: Final = Gauge(
    "bridge_source_last_stable_offset",
    "End of a source partition for readers of committed records; behind the high watermark while a transaction is open",
    ["topic", "partition"],
    registry=worker_registry,
)
source_partitions_unanswered: Final = Gauge(
    "bridge_source_partitions_unanswered",
    "Source partitions whose end nobody told when last asked",
    registry=worker_registry,
)
orders: Final = Gauge("bridge_orders", "Orders, by status", ["status"], registry=worker_registry)
orders_provisional: Final = Gauge(
    "bridge_orders_provisional", "Orders that wait for a predecessor", registry=worker_registry
)
orders_incomplete: Final = Gauge(
    "bridge_orders_incomplete", "Orders whose predecessor is late", registry=worker_registry
)
recovery_seconds: Final = Gauge(
    "bridge_recovery_seconds", "How long the last recovery of a table took", registry=worker_registry
)
recovery_records_total: Final = Counter(
    "bridge_recovery_records_total", "Changelog records read into a table", ["table"], registry=worker_registry
)
recovery_remaining_records: Final = Gauge(
    "bridge_recovery_remaining_records",
    "Changelog offsets that tables being recovered have still to read",
    ["table"],
    registry=worker_registry,
)
purged_rows_total: Final = Counter(
    "bridge_purged_rows_total",
    "Rows deleted because their retention was over",
    ["table"],
    registry=worker_registry,
)
table_keys: Final = Gauge(
    "bridge_table_keys",
    "Rows of a table, RocksDB's estimate: a row that is rewritten counts again until it is compacted",
    ["table"],
    registry=worker_registry,
)
lane_state: Final = Gauge(
    "bridge_lane_state",
    "1 for the state that a lane is in",
    ["topic", "partition", "state"],
    registry=worker_registry,
)
