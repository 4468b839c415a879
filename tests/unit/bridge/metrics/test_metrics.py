from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from bridge import metrics
from bridge.metrics.service import event_label
from schemas.events import EVENT_NAMES

# The public contract: others' dashboards and alerts name them.
BOTH = {
    "bridge_build_info": ("service", "version", "revision"),
    "bridge_deployment_info": ("service", "tenant", "topic_prefix"),
    "bridge_kafka_up": (),
    "bridge_certificate_expiry_timestamp_seconds": ("setting",),
    "bridge_topic_losses": (),
    "bridge_topic_settings_differing": ("topic", "name"),
    "bridge_http_refused": ("port", "cause"),
    "bridge_http_connections": ("port",),
}
INGRESS = BOTH | {
    "bridge_ingress_refused": ("status", "cause"),
    "bridge_ingress_last_event_timestamp_seconds": (),
    "bridge_ingress_requests": ("status",),
    "bridge_ingress_request_seconds": (),
    "bridge_ingress_in_flight": (),
    "bridge_ingress_events": ("event",),
    "bridge_ingress_quarantined": ("reason",),
    "bridge_delivery_delay_seconds": (),
}
WORKER = BOTH | {
    "bridge_quarantined": ("reason",),
    "bridge_last_event_timestamp_seconds": (),
    "bridge_conflicts_open": (),
    "bridge_lane_standstill_seconds": ("topic", "partition"),
    "bridge_lane_passed_over_records": ("topic", "partition"),
    "bridge_lane_unticked_seconds": ("topic", "partition"),
    "bridge_data_free_bytes": (),
    "bridge_data_size_bytes": (),
    "bridge_events": ("event", "outcome"),
    "bridge_shape_deviations": ("event", "field", "kind"),
    "bridge_end_to_end_seconds": (),
    "bridge_transaction_seconds": (),
    "bridge_chunk_events": (),
    "bridge_consumer_lag_events": ("topic", "partition"),
    "bridge_source_high_watermark_offset": ("topic", "partition"),
    "bridge_source_last_stable_offset": ("topic", "partition"),
    "bridge_source_partitions_unanswered": (),
    "bridge_orders": ("status",),
    "bridge_orders_provisional": (),
    "bridge_orders_incomplete": (),
    "bridge_orders_partial_history": (),
    "bridge_orders_stalled": (),
    "bridge_orders_waiting_events": (),
    "bridge_orders_of_older_rules": (),
    "bridge_recovery_seconds": (),
    "bridge_recovery_records": ("table",),
    "bridge_recovery_remaining_records": ("table",),
    "bridge_purged_rows": ("table",),
    "bridge_table_keys": ("table",),
    "bridge_handler_failures": ("topic",),  # an issue asked for it
    "bridge_sampled_delay_seconds": (),  # for the console
    "bridge_console_logins": ("outcome",),
    "bridge_lane_state": ("topic", "partition", "state"),
}


def catalogue(registry: CollectorRegistry) -> dict[str, tuple[str, ...]]:
    collectors: list[Any] = [c for c in registry._collector_to_names if getattr(c, "_name", "").startswith("bridge_")]
    return {c._name: getattr(c, "_labelnames", ()) for c in collectors}


def test_each_service_has_the_contracts_metrics_and_no_other() -> None:
    assert catalogue(metrics.ingress.registry) == INGRESS
    assert catalogue(metrics.worker.registry) == WORKER


def test_no_gauge_has_a_value_before_anybody_has_measured_it() -> None:
    """prometheus_client's gauges begin at 0, which reads like a fact. Requests in flight are counted whenever asked."""
    collectors = (each for of in (metrics.ingress, metrics.worker) for each in of.registry._collector_to_names)
    begins_at_0 = {each._name for each in collectors if isinstance(each, Gauge) and not each._labelnames}
    assert begins_at_0 == {"bridge_ingress_in_flight"}


def test_documented_events_keep_their_name_and_all_others_share_one_label() -> None:
    assert [event_label(name) for name in EVENT_NAMES] == list(EVENT_NAMES)
    assert event_label("order.invented") == "other"
