"""A panel of one number."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from tests.programs.dashboards.answers import Line
from tests.programs.dashboards.colours import named, of_threshold
from tests.programs.dashboards.units import written

_LARGEST, _SMALLEST = 52.0, 12.0
"""Height of letters, in pixels."""
_WIDTH_OF_LETTER: Final = 0.58
"""As a share of their height."""


class Shown(NamedTuple):
    """The text, and its colour's name."""

    text: str
    colour: str


def draw(panel: Mapping[str, Any], lines: Sequence[Line], width: float, height: float) -> str:
    """HTML of this size in pixels; the number is as large as there is room."""
    shown = reduced(panel, lines)
    size = min(_LARGEST, 0.7 * height, 0.94 * width / (_WIDTH_OF_LETTER * max(1, len(shown.text))))
    style = f"font-size:{max(_SMALLEST, size):.0f}px;color:{named(shown.colour)}"
    return f'<div class="stat" style="{style}">{escape(shown.text)}</div>'


def reduced(panel: Mapping[str, Any], lines: Sequence[Line]) -> Shown:
    """The last sample, in the panel's words. AssertionError: the panel wants something that is not drawn here."""
    assert panel["options"]["reduceOptions"]["calcs"] == ["lastNotNull"], "nothing but the last value is drawn"
    assert len(lines) <= 1, "one number is drawn"
    value = lines[0].points[-1][1] if lines and lines[0].points else None
    defaults = panel["fieldConfig"]["defaults"]
    mapped = mapping(defaults.get("mappings", ()), value)
    if "text" in mapped:
        text = mapped["text"]
    elif value is None:
        text = defaults.get("noValue", "No data")
    else:
        text = written(value, defaults["unit"], defaults.get("decimals"))
    return Shown(text, mapped.get("color") or _coloured(defaults, value))


def mapping(mappings: Sequence[Mapping[str, Any]], value: float | None) -> Mapping[str, Any]:
    """What a panel shows in place of a value, and in which colour; empty: nothing of its own."""
    for each in mappings:
        options = each["options"]
        if each["type"] == "special" and options["match"] == "null" and value is None:
            return dict(options["result"])
        if each["type"] == "value" and value is not None and f"{value:g}" in options:
            return dict(options[f"{value:g}"])
    return {}


def _coloured(defaults: Mapping[str, Any], value: float | None) -> str:
    colour = defaults["color"]
    if colour["mode"] == "thresholds":
        return of_threshold(defaults["thresholds"]["steps"], value)
    return str(colour["fixedColor"])
