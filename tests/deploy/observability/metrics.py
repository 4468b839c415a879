"""Finds what an expression asks for that no service exposes: names, labels, and values of labels."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import generate_latest

from bridge import metrics
from bridge.http.causes import HttpCause
from bridge.metrics.service import DESCRIBED
from ingress.answers import ANSWERS
from ingress.causes import DeliveryCause
from processors.engine.observer import LaneState
from schemas.events import EVENT_NAMES
from schemas.outcome import Outcome, Reason
from tests.deploy.observability.rules import metrics_in

TARGET: Final = {"namespace", "job", "instance"}
"""Labels that Prometheus gives to all that it scrapes."""
ALERT: Final = {"alertname", "alertstate", "severity"}
"""Labels of `ALERTS`, where Prometheus keeps which rules fire. The labels of a rule's expression come on top."""
VALUES: Final[Mapping[str, set[str]]] = {
    "cause": {*DeliveryCause, *HttpCause},
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
_GROUPED: Final = re.compile(r"\b(by|on|without|ignoring) ?\([^)]*\)")
_LEFT_OUT: Final = {"without", "ignoring"}
_ALL_TOGETHER: Final = re.compile(r"\b(?:sum|min|max|avg|count|group|topk|bottomk|quantile) ?\(")
_OF_PROCESS: Final = re.compile(r"^# TYPE (process_\w+) ", re.MULTILINE)
_BUCKETS: Final = re.compile(r'^(\w+)_bucket\{le="([^"]+)"\}', re.MULTILINE)


def labels_of(name: str) -> set[str]:
    """The labels of a metric and of its target. AssertionError: no service exposes the metric."""
    found = [set(each.labels) for each in DESCRIBED if each.name == name]
    assert found or name in PROCESS, f"no service has {name}"
    return TARGET.union(*found)


_PAGES: Final = [generate_latest(service.registry).decode() for service in (metrics.ingress, metrics.worker)]
PROCESS: Final = {name for page in _PAGES for name in _OF_PROCESS.findall(page)}
BOUNDS: Final = {found for page in _PAGES for found in _BUCKETS.findall(page)}


def wrong_in(expression: str) -> Iterator[str]:
    """What an expression asks for that is not there."""
    known = ALERT if "ALERTS" in expression else set[str]()
    for name in metrics_in(expression):
        known = known | labels_of(name)
    for metric, matchers in _SELECTOR.findall(expression):
        (name,) = metrics_in(metric)
        for label, _, values in _MATCHER.findall(matchers):
            for value in values.split("|"):
                if label == "le":
                    if (name, value) not in BOUNDS:
                        yield f"{name} has no bucket {value}"
                elif label not in labels_of(name):
                    yield f"{name} has no label {label}"
                elif label in VALUES and value not in VALUES[label]:
                    yield f"{label} is never {value}"
    for group in _GROUPING.findall(expression):
        wanted = {label.strip() for label in group.split(",")} - {""}
        yield from (f"no metric has the label {label}" for label in sorted(wanted - known - {"le"}))


def mixed_in(expression: str) -> Iterator[str]:
    """Where an expression takes deployments together: by labels without the namespace, or by none."""
    yield from _ALL_TOGETHER.findall(expression)
    for found in _GROUPED.finditer(expression):
        if ("namespace" in found[0]) is (found[1] in _LEFT_OUT):
            yield found[0]
