"""What rules and dashboards ask for is there: names, labels and their values. Names are as Prometheus wants them."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest
from prometheus_client import generate_latest

from bridge import metrics
from bridge.http.causes import Cause as HttpCause
from bridge.metrics.service import DESCRIBED, Service
from ingress.answers import ANSWERS
from ingress.causes import Cause
from processors.engine.observer import LaneState
from schemas.events import EVENT_NAMES
from schemas.outcome import Outcome, Reason
from tests.deploy.observability.rules import metrics_in, promtool, rules

TARGET: Final = {"namespace", "job", "instance"}
"""Labels that Prometheus gives to whatever it scrapes."""
VALUES: Final[Mapping[str, set[str]]] = {
    "cause": {*Cause, *HttpCause},
    "event": {*EVENT_NAMES, "other"},
    "outcome": set(Outcome),
    "port": {"webhook", "orders", "ops"},
    "reason": set(Reason),
    "service": {"ingress", "worker"},
    "state": set(LaneState),
    "status": {str(answer.status) for answer in ANSWERS.values()} | {"200"},
}
_SELECTOR: Final = re.compile(r"([a-z_:0-9]+)\{([^}]*)\}")
_MATCHER: Final = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING: Final = re.compile(r"\b(?:by|on|without|group_left|ignoring)\s*\(([^)]*)\)")
_BUCKETS: Final = re.compile(r'^(\w+)_bucket\{le="([^"]+)"\}', re.MULTILINE)


def labels_of(name: str) -> set[str]:
    """The labels of a metric, those of its target included. AssertionError: nobody exposes it."""
    found = [set(each.labels) for each in DESCRIBED if each.name == name]
    assert found or name in PROCESS, f"no service has {name}"
    return TARGET.union(*found)


def _process() -> Iterator[str]:
    for service in (metrics.ingress, metrics.worker):
        yield from (each.name for each in service.registry.collect() if each.name.startswith("process_"))


PROCESS: Final = set(_process())
BOUNDS: Final = {
    (name, bound)
    for service in (metrics.ingress, metrics.worker)
    for name, bound in _BUCKETS.findall(generate_latest(service.registry).decode())
}


def wrong_in(expression: str) -> Iterator[str]:
    """What an expression asks for that is not there."""
    known = set[str]()
    for name in metrics_in(expression):
        known |= labels_of(name)
    for metric, matchers in _SELECTOR.findall(expression):
        (name,) = metrics_in(metric)
        for label, _, values in _MATCHER.findall(matchers):
            for value in values.split("|"):
                if label == "le":
                    if (name, value) not in BOUNDS:
                        yield f"{name} has no bucket {value}"
                elif label not in labels_of(name):
                    yield f"{name} has no label {label}"
                elif value not in VALUES[label]:
                    yield f"{label} is never {value}"
    for group in _GROUPING.findall(expression):
        wanted = {label.strip() for label in group.split(",")} - {""}
        yield from (f"no metric has the label {label}" for label in sorted(wanted - known - {"le"}))


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


def test_a_metric_that_nobody_exposes_is_found() -> None:
    with pytest.raises(AssertionError, match="no service has bridge_lane_states"):
        list(wrong_in("bridge_lane_states"))


@pytest.mark.parametrize("service", [metrics.ingress, metrics.worker], ids=lambda service: service.name)
def test_names_and_descriptions_are_as_prometheus_wants_them(service: Service) -> None:
    done = promtool("check", "metrics", stdin=generate_latest(service.registry).decode())
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
