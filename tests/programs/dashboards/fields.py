"""What a panel says of one of its series or columns: its defaults, and overrides by name."""

from collections.abc import Mapping
from typing import Any

from tests.programs.dashboards.colours import LINES, named


def settings(panel: Mapping[str, Any], name: str) -> dict[str, Any]:
    """As `fieldConfig.defaults`. AssertionError: an override matches by something else than the name."""
    config = panel["fieldConfig"]
    found: dict[str, Any] = {**config["defaults"]}
    for override in config["overrides"]:
        assert override["matcher"]["id"] == "byName", "nothing else is drawn"
        if override["matcher"]["options"] == name:
            found |= {each["id"]: each["value"] for each in override["properties"]}
    return found


def colour(panel: Mapping[str, Any], name: str, number: int) -> str:
    """The colour of a chart's series: its own, else that of its place."""
    own = settings(panel, name).get("color", {})
    return named(own["fixedColor"]) if own.get("mode") == "fixed" else LINES[number % len(LINES)]
