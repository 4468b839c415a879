"""Grafana's colours, as near as a light background needs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

LINES: Final = (
    "#56a64b", "#e0b400", "#3274d9", "#ff780a", "#e02f44", "#8f3bb8", "#19a5a5", "#c15c17",
    "#6d7f00", "#a352cc", "#705da0", "#8ab8ff", "#b877d9", "#ad0317", "#508642", "#447ebc",
)  # fmt: skip
"""Colours of a chart's series, one after the other."""
_NAMED: Final[Mapping[str, str]] = {
    "green": "#2d8a3e",
    "yellow": "#b8860b",
    "orange": "#e05f00",
    "red": "#d1182f",
    "blue": "#1f62c1",
    "purple": "#8f3bb8",
    "text": "#24292e",
}


def named(name: str) -> str:
    """The colour of this name. KeyError: no panel has had it."""
    return _NAMED[name]


def of_threshold(steps: Sequence[Mapping[str, Any]], value: float | None) -> str:
    """The colour's name; without a value, that of the lowest step."""
    reached = [step for step in steps if step["value"] is None or (value is not None and value >= step["value"])]
    return str(reached[-1]["color"])
