"""Which files are generated, and from what."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from bridge.kafka.acls import Part
from bridge.settings import Settings
from deploy.generate.strimzi import COMMANDS, LABELS, topic_resources, user_resources

DEPLOY: Final = Path(__file__).parents[1]
_COMPONENTS: Final = DEPLOY / "kubernetes" / "components"
_CHART_FILES: Final = DEPLOY / "helm" / "newstore-kafka-bridge" / "files"
"""A chart can read only its own files, like a component."""
_OBSERVABILITY: Final = DEPLOY / "observability"
_HEAD: Final = "# Written by `python -m deploy.generate` from {source}; a test holds it equal.\n"


def generated() -> Mapping[Path, str]:
    """Path -> content of every generated file."""
    settings = Settings(tenant="any", replication_factor=3, topics_managed_by="others")
    made = {
        "kafka-strimzi/objects/topics.yaml": _yaml(topic_resources(settings), "bridge/topics/spec.py"),
        "kafka-strimzi/objects/users.yaml": _yaml(user_resources(settings), "bridge/kafka/acls.py"),
        "monitoring/rules.yaml": _yaml([_rules()], "deploy/observability/rules"),
        "monitoring/dashboards.yaml": _yaml(_dashboards(), "deploy/observability/dashboards"),
    }
    components = {_COMPONENTS / path: text for path, text in made.items()}
    chart = {_CHART_FILES / Path(path).name: text for path, text in made.items()}
    by_hand = {"operator": COMMANDS, "migration": (Part.MIGRATION,)}
    return (
        components
        | chart
        | {
            _COMPONENTS / name / "users.yaml": _yaml(user_resources(settings, parts), "bridge/kafka/acls.py")
            for name, parts in by_hand.items()
        }
    )


def _yaml(documents: Iterable[Mapping[str, Any]], source: str) -> str:
    return _HEAD.format(source=source) + yaml.dump_all(documents, sort_keys=False, width=120, Dumper=_Dumper)


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, and texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - interface
        """Always, so that no anchor is written."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _rules() -> dict[str, Any]:
    groups = [
        group
        for file in sorted((_OBSERVABILITY / "rules").glob("*.yml"))
        for group in yaml.safe_load(file.read_text())["groups"]
    ]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "bridge", "labels": dict(LABELS)},
        "spec": {"groups": groups},
    }


def _dashboards() -> Iterable[dict[str, Any]]:
    for file in sorted((_OBSERVABILITY / "dashboards").glob("*.json")):
        # Compact: with a line for each field there would be thousands, and nobody reads them here.
        text = json.dumps(json.loads(file.read_text()), separators=(",", ":"), ensure_ascii=False)
        yield {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": f"bridge-dashboard-{file.stem}",
                "labels": {**LABELS, "grafana_dashboard": "1"},
            },
            "data": {file.name: text},
        }
