"""Metrics that both services have, each in its own registry."""

from typing import NamedTuple

from prometheus_client import Counter, Gauge

from bridge.metrics.kinds import OptionalGauge
from bridge.metrics.service import Service
from bridge.version import package_version, revision


def build_info(service: Service) -> None:
    """Say in labels which build runs; `revision` is empty where it is not known."""
    gauge = service.gauge(
        "bridge_build_info",
        "1, with what runs",
        "service",
        "version",
        "revision",
        odd="several versions or revisions for longer than a roll-out; no series: the service does not run, or nobody"
        " scrapes it",
    )
    gauge.labels(service.name, package_version(), revision()).set(1)


def deployment_info(service: Service) -> Gauge:
    """A gauge that says in labels what a service was started with."""
    return service.gauge(
        "bridge_deployment_info",
        "1, with the tenant and the prefix of topics that it was started with",
        "service",
        "tenant",
        "topic_prefix",
        odd="others than the rest has: give all of them the same BRIDGE_TENANT and BRIDGE_TOPIC_PREFIX",
    )


class KafkaMetrics(NamedTuple):
    """What a service knows of Kafka, and of its way to it."""

    up: OptionalGauge
    topic_losses: OptionalGauge
    topic_settings_differing: Gauge
    certificate_expiry_timestamp_seconds: Gauge


def kafka_metrics(service: Service) -> KafkaMetrics:
    """Make them for one service."""
    up = service.optional_gauge(
        "bridge_kafka_up",
        "Whether Kafka answered when this service asked last (every 5 s): 1 or 0; no series before it has asked",
        odd="0: `/readyz` says in a sentence why; 1 with answers of 500: `bridge_ingress_refused_total`",
    )
    losses = service.optional_gauge(
        "bridge_topic_losses",
        "What about the topics would lose data, by Kafka's last answer, however long ago: topics that are missing, or"
        " have another partition count, fewer replicas or such a setting",
        odd="any: `/readyz` says in sentences what, as does `bridge topics plan`",
    )
    differing = service.gauge(
        "bridge_topic_settings_differing",
        "1 for each topic setting that is not as `bridge topics apply` makes it, loses no data and is not tolerated, by"
        " Kafka's last answer",
        "topic",
        "name",
        odd="any: `bridge topics plan` shows it; tolerate it by BRIDGE_TOLERATED_TOPIC_SETTINGS or apply",
    )
    expiry = service.gauge(
        "bridge_certificate_expiry_timestamp_seconds",
        "When the certificate in use of the file of this setting ends, seconds since 1970; of several, the last",
        "setting",
        odd="less than two weeks ahead: replace the file; without it Kafka is away from that moment on",
    )
    return KafkaMetrics(up, losses, differing, expiry)


class HttpMetrics(NamedTuple):
    """What the ports of a service count."""

    refused_total: Counter
    connections: Gauge


def http_metrics(service: Service) -> HttpMetrics:
    """Make them for one service."""
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
