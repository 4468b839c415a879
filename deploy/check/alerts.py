"""Checks that alerts and dashboards use metrics that the bridge has, in expressions that Prometheus can read."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any, Final

import yaml

from bridge.metrics.service import DESCRIBED
from deploy.check.objects import Objects, title

_NAME: Final = re.compile(r"(?<![:a-z_])bridge_[a-z0-9_]+")
"""Does not match recording rules' names, such as `namespace:bridge_…`."""
_OF_HISTOGRAMS: Final = ("_bucket", "_sum", "_count")


def problems(objects: Objects) -> Iterator[str]:
    """Yield sentences on metrics that do not exist, and what promtool refuses."""
    rules = objects.of_kind("PrometheusRule")
    known = metric_names() | {each["record"] for rule in rules for each in _rules(rule) if "record" in each}
    for rule in rules:
        for each in _rules(rule):
            name = each.get("alert") or each.get("record")
            yield from (f"{title(rule)}: {name}: {words}" for words in _unknown(each["expr"], known))
        yield from (f"{title(rule)}: {words}" for words in promtool_problems(rule["spec"]))
    for config in objects.of_kind("ConfigMap"):
        if config["metadata"].get("labels", {}).get("grafana_dashboard"):
            for text in config["data"].values():
                for expression in _expressions(json.loads(text)):
                    yield from (f"{title(config)}: {words}" for words in _unknown(expression, known))


def metric_names() -> set[str]:
    """Names of all series that the bridge may have."""
    names = {each.name for each in DESCRIBED}
    return names | {each.name + end for each in DESCRIBED if each.kind == "histogram" for end in _OF_HISTOGRAMS}


def promtool() -> str | None:
    """Path of promtool; None: not installed."""
    return shutil.which("promtool")


def promtool_problems(groups: dict[str, Any]) -> list[str]:
    """What `promtool check rules` finds in rule groups; nothing without promtool."""
    program = promtool()
    if program is None:
        return []
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(groups, file)
        file.flush()
        run = subprocess.run(  # noqa: S603 - our own arguments
            [program, "check", "rules", file.name], capture_output=True, text=True, check=False
        )
    return [run.stderr.strip() or run.stdout.strip()] if run.returncode else []


def _rules(rule: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for group in rule["spec"]["groups"] for each in group["rules"]]


def _unknown(expression: str, known: set[str]) -> Iterator[str]:
    for name in sorted(set(_NAME.findall(expression)) - known):
        yield f"there is no metric {name}"


def _expressions(node: Any) -> Iterator[str]:
    """Every `expr`, `query` and `definition` of a dashboard."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"expr", "query", "definition"} and isinstance(value, str):
                yield value
            else:
                yield from _expressions(value)
    elif isinstance(node, list):
        for each in node:
            yield from _expressions(each)
