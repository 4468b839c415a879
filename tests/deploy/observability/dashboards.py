"""The dashboards as they are deployed, and what their panels ask Prometheus."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.deploy.observability.rules import OBSERVABILITY

FILES: Final = sorted((OBSERVABILITY / "dashboards").glob("*.json"))
_VARIABLES: Final = {"$namespace": "shop", "$__rate_interval": "1m"}
"""What Grafana puts in place of its variables: one namespace, and at least four scrapes."""


class Asked(NamedTuple):
    """An expression, with Grafana's variables filled in, and where it stands."""

    where: str
    expression: str


def board(file: Path) -> dict[str, Any]:
    """Read a whole dashboard."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def panels(file: Path) -> list[dict[str, Any]]:
    """A dashboard's panels, without rows, which are headings."""
    return [panel for panel in board(file)["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[Asked]:
    """What all panels of all dashboards ask."""
    for file in FILES:
        for panel in panels(file):
            for target in panel["targets"]:
                yield Asked(f"{file.stem}: {panel['title']} {target['refId']}", filled(target["expr"]))


def filled(expression: str) -> str:
    """The expression with what Grafana puts in place of its variables."""
    for variable, value in _VARIABLES.items():
        expression = expression.replace(variable, value)
    return expression
