"""Rules ask for what is there: names, labels and their values. Names are as Prometheus wants them."""

from typing import Final

import pytest
from prometheus_client import generate_latest

from bridge import metrics
from bridge.metrics.service import Service
from tests.deploy.observability.metrics import mixed_in, wrong_in
from tests.deploy.observability.rules import promtool, rules

EXPRESSIONS: Final = {rule.get("alert") or rule["record"]: rule["expr"] for rule in rules()}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_what_a_rule_asks_for_is_exposed(name: str) -> None:
    assert not list(wrong_in(EXPRESSIONS[name]))


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ('bridge_lane_state{state="stopped"}', ["state is never stopped"]),
        ('bridge_lane_state{status="halted"}', ["bridge_lane_state has no label status"]),
        ("sum by (topics) (bridge_lane_state)", ["no metric has the label topics"]),
        ('bridge_end_to_end_seconds_bucket{le="7.0"}', ["bridge_end_to_end_seconds has no bucket 7.0"]),
        ("sum by (namespace, topic) (bridge_consumer_lag_events)", []),
    ],
)
def test_what_is_not_there_is_found(expression: str, wrong: list[str]) -> None:
    assert list(wrong_in(expression)) == wrong


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_rule_keeps_deployments_apart(name: str) -> None:
    assert not list(mixed_in(EXPRESSIONS[name]))


def test_what_takes_deployments_together_is_found() -> None:
    assert list(
        mixed_in("max (bridge_kafka_up) == 0 unless on (topic) sum by (namespace, topic) (bridge_lane_state)")
    ) == [
        "max (",
        "on (topic)",
    ]


@pytest.mark.parametrize(
    ("expression", "mixed"),
    [
        ("sum without (namespace) (bridge_kafka_up)", ["without (namespace)"]),
        ("a and ignoring (namespace) b", ["ignoring (namespace)"]),
        ("sum without (instance) (bridge_kafka_up)", []),
    ],
)
def test_what_leaves_the_namespace_out_is_found(expression: str, mixed: list[str]) -> None:
    assert list(mixed_in(expression)) == mixed


def test_a_metric_that_nobody_exposes_is_found() -> None:
    with pytest.raises(AssertionError, match="no service has bridge_lane_states"):
        list(wrong_in("bridge_lane_states"))


@pytest.mark.parametrize("service", [metrics.ingress, metrics.worker], ids=lambda service: service.name)
def test_names_and_descriptions_are_as_prometheus_wants_them(service: Service) -> None:
    done = promtool("check", "metrics", stdin=generate_latest(service.registry).decode())
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
