"""Every metric of the bridge: what it is, and when its values are worth a look. docs/metrics.md is made from this."""

from typing import Final

from bridge.metrics.service import Service
from bridge.metrics.shared import build_info, deployment_info, http_metrics, kafka_metrics

_REQUEST_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_END_TO_END_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
_DELAY_S: Final = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86_400)
"""900 s is NewStore's SLA; a replay by date brings events that are months old."""
_IN_OPEN_LANES: Final = "; in the lanes that are open here, no series while none is"
_CHUNK_EVENTS: Final = (1, 10, 50, 100, 500, 1000, 2500, 5000, 10_000)


ingress: Final = Service("ingress")
worker: Final = Service("worker")


build_info(ingress)
build_info(worker)
ingress_deployment: Final = deployment_info(ingress)
worker_deployment: Final = deployment_info(worker)
ingress_kafka: Final = kafka_metrics(ingress)
worker_kafka: Final = kafka_metrics(worker)
ingress_http: Final = http_metrics(ingress)
worker_http: Final = http_metrics(worker)

ingress_requests_total: Final = ingress.counter(
    "bridge_ingress_requests_total",
    "Requests by answer, those to other paths included",
    "status",
    odd="401: a wrong key; 404 and 405 in numbers: another path or method; 429 and 500: Kafka is slow or away, see"
    " `/readyz`; 400: too large, or refused by Kafka",
)
ingress_refused_total: Final = ingress.counter(
    "bridge_ingress_refused_total",
    "Deliveries that were not taken, by answer and cause",
    "status",
    "cause",
    odd="growth: [the ingress](ingress.md#why-a-delivery-was-not-taken) explains each cause",
)
ingress_request_seconds: Final = ingress.batch_histogram(
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
ingress_last_event_timestamp_seconds: Final = ingress.optional_gauge(
    "bridge_ingress_last_event_timestamp_seconds",
    "When this process stored an event in raw last, seconds since 1970; no series before its first",
    odd="long ago while the shops are open, in all processes",
)
ingress_quarantined_total: Final = ingress.counter(
    "bridge_ingress_quarantined_total",
    "Bodies, or stubs of them, durable in the quarantine topic",
    "reason",
    odd="`other_tenant`: BRIDGE_TENANT is wrong; others: `bridge quarantine list`",
)
delivery_delay_seconds: Final = ingress.batch_histogram(
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
quarantined_total: Final = worker.counter(
    "bridge_quarantined_total",
    "Records that the worker has put into quarantine, by reason; those of the ingress are in its own metrics",
    "reason",
    odd="`handler_failed`: a defect of this version; others: raw has records that no ingress wrote",
)
last_event_timestamp_seconds: Final = worker.optional_gauge(
    "bridge_last_event_timestamp_seconds",
    "When the latest event was received of those that this worker's raw lanes have processed, seconds since 1970",
    odd="long ago in all workers: nothing comes, or nothing is processed, see the lag",
)
conflicts_open: Final = worker.optional_gauge(
    "bridge_conflicts_open",
    "Conflicts held back that nobody has accepted, of the newest 10,000 conflicts in each of this worker's partitions",
    odd="above 0: `bridge conflicts list`; accept what should have come through",
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
    odd="tens of seconds: a backlog, see the lag; what a replay or a backfill brings counts from when it came here",
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
source_partitions_unanswered: Final = worker.optional_gauge(
    "bridge_source_partitions_unanswered",
    "Source partitions whose end nobody told when last asked; no series before it has asked, or without lanes",
    odd="above 0 for a minute: a broker is out of reach, `/readyz` names it",
)
lane_standstill_seconds: Final = worker.gauge(
    "bridge_lane_standstill_seconds",
    "For how long a lane with work has committed nothing, nor read further in its tables; 0 in a lane that has none",
    "topic",
    "partition",
    odd="above 60: the lane was opened anew; above 90: in vain, docs/runbook.md has BridgeLaneStandstill",
)
lane_unticked_seconds: Final = worker.gauge(
    "bridge_lane_unticked_seconds",
    "For how long nothing has come through in a lane of what is due every second without a record; 0 while it reads"
    " further in its tables",
    "topic",
    "partition",
    odd="above 60: joining large orders or finding late events fails, the log has the stack; above 300: docs/runbook.md"
    " has BridgeLaneNotTicking",
)
lane_passed_over_records_total: Final = worker.counter(
    "bridge_lane_passed_over_records_total",
    "Records that a lane did not process, for somebody who is no worker has set the group's offset behind them",
    "topic",
    "partition",
    odd="any that nobody has meant to skip: docs/runbook.md has BridgeRecordsPassedOver",
)
orders: Final = worker.gauge(
    "bridge_orders",
    f"Orders, by status{_IN_OPEN_LANES}",
    "status",
    odd="",
)
orders_provisional: Final = worker.optional_gauge(
    "bridge_orders_provisional",
    f"Orders that wait for a predecessor{_IN_OPEN_LANES}",
    odd="growth: events come very late, or not at all",
)
orders_incomplete: Final = worker.optional_gauge(
    "bridge_orders_incomplete",
    f"Orders whose predecessor is late{_IN_OPEN_LANES}",
    odd="above 0: an event is lost, or comes later than ever; it is to be asked of NewStore again",
)
orders_stalled: Final = worker.optional_gauge(
    "bridge_orders_stalled",
    f"Orders whose next event has not come for too long{_IN_OPEN_LANES}",
    odd="above 0: an event is lost, or somebody has to do something; `bridge gaps --stalled` lists them",
)
orders_partial_history: Final = worker.optional_gauge(
    "bridge_orders_partial_history",
    f"Orders that may have begun before the bridge, of which nothing counts as lost{_IN_OPEN_LANES}",
    odd="growth when `BRIDGE_HISTORY_WINDOW` has passed since going live",
)
orders_waiting_events: Final = worker.optional_gauge(
    "bridge_orders_waiting_events",
    f"Events of large orders that wait to be joined into them together, for some seconds at most{_IN_OPEN_LANES}",
    odd="growth: an order gets more than a worker can join, or joining fails, which the log says",
)
orders_of_older_rules: Final = worker.optional_gauge(
    "bridge_orders_of_older_rules",
    "Orders whose rows an older version wrote, and that these rules are still to judge, some of them once raw is read;"
    " no series before all lanes are open",
    odd="no decline after an upgrade: the log says whether `older orders wait for raw`, and which cannot be judged",
)
recovery_seconds: Final = worker.optional_gauge(
    "bridge_recovery_seconds",
    "How long the last recovery of a table took; no series before the first one",
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
    "Changelog offsets that tables being recovered have still to read; no series before any is being read, or is whole",
    "table",
    odd="no decline: the changelog's leader is out of reach",
)
purged_rows_total: Final = worker.counter(
    "bridge_purged_rows_total", "Rows deleted because their retention was over", "table", odd=""
)
table_keys: Final = worker.gauge(
    "bridge_table_keys",
    "Rows of a table, RocksDB's estimate, for which a row that is rewritten counts again until it is compacted"
    f"{_IN_OPEN_LANES}",
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
data_free_bytes: Final = worker.optional_gauge(
    "bridge_data_free_bytes",
    "Free bytes of the file system of BRIDGE_WORKER_DATA_DIR; 0 where it has no inodes left",
    odd="less than a tenth: tables cannot be written when it is full, and lanes fail until there is room",
)
data_size_bytes: Final = worker.optional_gauge(
    "bridge_data_size_bytes", "Size of the same file system", odd="beside `bridge_data_free_bytes`"
)
