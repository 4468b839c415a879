"""Every metric of the bridge: what it is, and when its values are worth a look. docs/metrics.md is made from this."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from bridge.metrics.batch_histogram import BatchHistogram
from schemas.events import EVENT_NAMES

# They would put a second series beside each counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client left this one without types

_KNOWN: Final = frozenset(EVENT_NAMES)

_REQUEST_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_END_TO_END_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
_DELAY_S: Final = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86_400)
"""900 s is NewStore's SLA; a replay by date brings events that are months old."""
_CHUNK_EVENTS: Final = (1, 10, 50, 100, 500, 1000, 2500, 5000, 10_000)


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

    def histogram(self, name: str, text: str, buckets: Sequence[float], *, odd: str) -> Histogram:
        """How many values are at most so large."""
        self._describe("histogram", name, (), text, odd)
        return Histogram(name, text, buckets=buckets, registry=self.registry)

    def batch_histogram(self, name: str, text: str, buckets: Sequence[float], *, odd: str) -> BatchHistogram:
        """The same, for many values at once."""
        self._describe("histogram", name, (), text, odd)
        return BatchHistogram(name, text, buckets, self.registry)

    def _describe(self, kind: str, name: str, labels: Sequence[str], text: str, odd: str) -> None:
        DESCRIBED.append(Described(self.name, kind, name, labels, text, odd))


ingress: Final = Service("ingress")
worker: Final = Service("worker")


def _topic_settings_differing(service: Service) -> Gauge:
    return service.gauge(
        "bridge_topic_settings_differing",
        "1 for each topic setting that is not as `bridge topics apply` makes it and not tolerated",
        "topic",
        "name",
        odd="any: `bridge topics plan` shows it; tolerate it by BRIDGE_TOLERATED_TOPIC_SETTINGS or apply",
    )


ingress_topic_settings_differing: Final = _topic_settings_differing(ingress)
worker_topic_settings_differing: Final = _topic_settings_differing(worker)


class HttpMetrics(NamedTuple):
    """What the ports of a service count."""

    refused_total: Counter
    connections: Gauge


def _http(service: Service) -> HttpMetrics:
    refused = service.counter(
        "bridge_http_refused_total",
        "What was refused before any handler saw it: connections and requests",
        "port",
        "cause",
        odd="growth: somebody sends too much, too slowly or no HTTP; docs/ingress.md has the bounds",
    )
    connections = service.gauge(
        "bridge_http_connections", "Open connections", "port", odd="near BRIDGE_HTTP_MAX_CONNECTIONS: others get none"
    )
    return HttpMetrics(refused, connections)


ingress_http: Final = _http(ingress)
worker_http: Final = _http(worker)

ingress_requests_total: Final = ingress.counter(
    "bridge_ingress_requests_total",
    "Requests by answer, those to other paths included",
    "status",
    odd="401: a wrong key; 429 and 500: Kafka is slow or away, see `/readyz`; 400: too large, or refused by Kafka",
)
ingress_request_seconds: Final = ingress.histogram(
    "bridge_ingress_request_seconds",
    "From a request's headers to its answer",
    _REQUEST_S,
    odd="seconds: Kafka acknowledges slowly",
)
ingress_in_flight: Final = ingress.gauge(
    "bridge_ingress_in_flight",
    "Requests waiting for Kafka's acknowledgement",
    odd="near BRIDGE_INGRESS_MAX_IN_FLIGHT: Kafka acknowledges slowly, 429 is next",
)
ingress_events_total: Final = ingress.counter(
    "bridge_ingress_events_total",
    "Events durable in the raw topic",
    "event",
    odd="no growth while the shops are open: NewStore has stopped its stream, or cannot reach the ingress",
)
ingress_quarantined_total: Final = ingress.counter(
    "bridge_ingress_quarantined_total",
    "Bodies, or stubs of them, durable in the quarantine topic",
    "reason",
    odd="`other_tenant`: BRIDGE_TENANT is wrong; others: `bridge quarantine list`",
)
delivery_delay_seconds: Final = ingress.histogram(
    "bridge_delivery_delay_seconds",
    "From published_at to receipt by the bridge",
    _DELAY_S,
    odd="over 900: beyond NewStore's SLA, or a replay",
)

events_total: Final = worker.counter(
    "bridge_events_total",
    "Raw records by what became of them",
    "event",
    "outcome",
    odd="`conflict`, `quarantined`: `bridge conflicts list`, `bridge quarantine list`",
)
shape_deviations_total: Final = worker.counter(
    "bridge_shape_deviations_total",
    "Fields in a sample of the raw records that differ from the event's model",
    "event",
    "field",
    "kind",
    odd="a field that is new: NewStore has changed an event; `bridge schema drift` shows examples",
)
end_to_end_seconds: Final = worker.batch_histogram(
    "bridge_end_to_end_seconds",
    "From receipt by the bridge to the cleaned topic",
    _END_TO_END_S,
    odd="tens of seconds: a backlog, see the lag; a replay's records were received when they first came",
)
sampled_delay_seconds: Final = worker.batch_histogram(
    "bridge_sampled_delay_seconds",
    "From published_at to receipt by the bridge, of up to five raw records of each transaction, repeated ones included",
    _DELAY_S,
    odd="over 900: beyond NewStore's SLA, or a replay's or a backfill's age; `bridge_delivery_delay_seconds` has all",
)
console_logins_total: Final = worker.counter(
    "bridge_console_logins_total",
    "Keys posted to the console's login: `accepted`, `refused`, or `held_off` because too many wrong ones wait",
    "outcome",
    odd="growth of `refused`: somebody guesses, or has a key that is not in force any more",
)
handler_failures_total: Final = worker.counter(
    "bridge_handler_failures_total",
    "Records that no handler could process and that are in quarantine, by the topic they came from",
    "topic",
    odd="any: a defect of this version; the log has the stack, `bridge quarantine list` the record",
)
transaction_seconds: Final = worker.histogram(
    "bridge_transaction_seconds",
    "One Kafka transaction, from its first record to its commit",
    _REQUEST_S,
    odd="near BRIDGE_TRANSACTION_TIMEOUT: Kafka is slow; units are halved when they exceed it",
)
chunk_events: Final = worker.histogram(
    "bridge_chunk_events",
    "Records in one transaction",
    _CHUNK_EVENTS,
    odd="small ones under a backlog: large orders, or units that were halved",
)
consumer_lag_events: Final = worker.gauge(
    "bridge_consumer_lag_events",
    "Offsets of committed records that a lane has still to process; no series where the end is not known",
    "topic",
    "partition",
    odd="growth of one partition: `/readyz?verbose` says which broker; of all: too few workers",
)
source_high_watermark_offset: Final = worker.gauge(
    "bridge_source_high_watermark_offset",
    "End of a source partition, as its leader told",
    "topic",
    "partition",
    odd="no growth while the ingress stores events",
)
source_last_stable_offset: Final = worker.gauge(
    "bridge_source_last_stable_offset",
    "End of a source partition for readers of committed records; behind the high watermark while a transaction is open",
    "topic",
    "partition",
    odd="behind the high watermark for a minute: a transaction that nobody ends",
)
source_partitions_unanswered: Final = worker.gauge(
    "bridge_source_partitions_unanswered",
    "Source partitions whose end nobody told when last asked",
    odd="above 0 for a minute: a broker is out of reach, `/readyz` names it",
)
orders: Final = worker.gauge("bridge_orders", "Orders, by status", "status", odd="")
orders_provisional: Final = worker.gauge(
    "bridge_orders_provisional",
    "Orders that wait for a predecessor",
    odd="growth: events come very late, or not at all",
)
orders_incomplete: Final = worker.gauge(
    "bridge_orders_incomplete",
    "Orders whose predecessor is late",
    odd="above 0: an event is lost, or comes later than ever; it is to be asked of NewStore again",
)
orders_stalled: Final = worker.gauge(
    "bridge_orders_stalled",
    "Orders whose next event has not come for too long",
    odd="above 0: an event is lost, or somebody has to do something; `bridge gaps --stalled` lists them",
)
orders_partial_history: Final = worker.gauge(
    "bridge_orders_partial_history",
    "Orders that may have begun before the bridge; nothing of them counts as lost",
    odd="growth when `BRIDGE_HISTORY_WINDOW` has passed since going live",
)
orders_waiting_events: Final = worker.gauge(
    "bridge_orders_waiting_events",
    "Events of large orders that wait to be joined into them together, for some seconds at most",
    odd="growth: an order gets more than a worker can join, or joining fails, which the log says",
)
orders_of_older_rules: Final = worker.gauge(
    "bridge_orders_of_older_rules",
    "Orders whose rows an older version wrote, and that wait for their events to be read from raw again",
    odd="no decline after an upgrade: the log says what `older orders wait for`",
)
recovery_seconds: Final = worker.gauge(
    "bridge_recovery_seconds",
    "How long the last recovery of a table took",
    odd="minutes: a cold start, from the changelog",
)
recovery_records_total: Final = worker.counter(
    "bridge_recovery_records_total",
    "Changelog records read into a table",
    "table",
    odd="growth after a rolling restart: a directory was lost, or a worker was away for longer than its session",
)
recovery_remaining_records: Final = worker.gauge(
    "bridge_recovery_remaining_records",
    "Changelog offsets that tables being recovered have still to read",
    "table",
    odd="no decline: the changelog's leader is out of reach",
)
purged_rows_total: Final = worker.counter(
    "bridge_purged_rows_total", "Rows deleted because their retention was over", "table", odd=""
)
table_keys: Final = worker.gauge(
    "bridge_table_keys",
    "Rows of a table, RocksDB's estimate: a row that is rewritten counts again until it is compacted",
    "table",
    odd="what decides disk and memory: docs/engine.md has the cost of a key",
)
lane_state: Final = worker.gauge(
    "bridge_lane_state",
    "1 for the state that a lane is in",
    "topic",
    "partition",
    "state",
    odd="`halted`: somebody has to look, the log says why; `opening` or `failed` for minutes: see `/readyz`",
)
