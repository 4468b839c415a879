"""A panel of lines over time, as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final, NamedTuple

from tests.programs.dashboards.answers import Line, Window
from tests.programs.dashboards.axes import Axis, times, values
from tests.programs.dashboards.colours import named
from tests.programs.dashboards.fields import colour
from tests.programs.dashboards.samples import Points, numbers, runs, stacked
from tests.programs.dashboards.units import written

_LETTER: Final = 6.4
"""Width of an axis' letter, in pixels."""
_BELOW, _ABOVE, _RIGHT = 22, 8, 10


class Plot(NamedTuple):
    """Where the chart is in the picture, in pixels, and its axes."""

    left: float
    right: float
    top: float
    bottom: float
    across: Axis
    up: Axis

    def x(self, at: float) -> float:
        """Where a moment is."""
        return self.left + (at - self.across.low) / (self.across.high - self.across.low) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Where a value is."""
        return self.bottom - (value - self.up.low) / (self.up.high - self.up.low) * (self.bottom - self.top)


def draw(panel: Mapping[str, Any], lines: Sequence[Line], window: Window, width: float, height: float) -> str:
    """SVG of this size in pixels, without the legend."""
    defaults = panel["fieldConfig"]["defaults"]
    custom = defaults["custom"]
    is_stacked = custom["stacking"]["mode"] == "normal"
    known = [numbers(line.points) for line in lines]
    drawn = stacked(known) if is_stacked else known
    plot = _plot(defaults, [value for points in drawn for _, value in points], window, width, height)
    parts = [*_grid(plot, defaults), *_limits(plot, defaults)]
    for number in reversed(range(len(drawn))):
        below = drawn[number - 1] if is_stacked and number else None
        parts += _line(plot, drawn[number], below, custom, colour(panel, lines[number].name, number))
    return f'<svg width="{width:.0f}" height="{height:.0f}">{"".join(parts)}</svg>'


def _plot(defaults: Mapping[str, Any], found: Sequence[float], window: Window, width: float, height: float) -> Plot:
    whole, binary = defaults.get("decimals") == 0, defaults["unit"] == "bytes"
    up = values(found, defaults.get("min"), defaults.get("max"), whole=whole, binary=binary)
    longest = max(len(label(mark, defaults)) for mark in up.marks)
    return Plot(longest * _LETTER + 14, width - _RIGHT, _ABOVE, height - _BELOW, times(*window), up)


def label(value: float, defaults: Mapping[str, Any]) -> str:
    """A number as the panel writes it."""
    return written(value, defaults["unit"], defaults.get("decimals"))


def _grid(plot: Plot, defaults: Mapping[str, Any]) -> Iterator[str]:
    for mark in plot.up.marks:
        y = f"{plot.y(mark):.1f}"
        yield f'<path class="grid" d="M{plot.left:.1f} {y}H{plot.right:.1f}"/>'
        yield f'<text x="{plot.left - 6:.1f}" y="{y}" dy="4" text-anchor="end">{escape(label(mark, defaults))}</text>'
    for mark in plot.across.marks:
        x = f"{plot.x(mark):.1f}"
        clock = f"{datetime.fromtimestamp(mark, UTC):%H:%M:%S}"
        yield f'<path class="grid" d="M{x} {plot.top}V{plot.bottom}"/>'
        yield f'<text x="{x}" y="{plot.bottom + 16:.1f}" text-anchor="middle">{clock}</text>'


def _limits(plot: Plot, defaults: Mapping[str, Any]) -> Iterator[str]:
    """Thresholds as dashed lines, if the panel shows them and they are in its range."""
    if defaults["custom"].get("thresholdsStyle", {}).get("mode") != "dashed":
        return
    for step in defaults["thresholds"]["steps"]:
        if step["value"] is not None and plot.up.low <= step["value"] <= plot.up.high:
            y, ink = f"{plot.y(step['value']):.1f}", named(step["color"])
            yield f'<path class="limit" stroke="{ink}" d="M{plot.left:.1f} {y}H{plot.right:.1f}"/>'


def _line(plot: Plot, points: Points, below: Points | None, custom: Mapping[str, Any], ink: str) -> Iterator[str]:
    floor = dict(below or ())
    for run in runs(points):
        if len(run) == 1 and custom["showPoints"] != "never":
            yield f'<circle cx="{plot.x(run[0][0]):.1f}" cy="{plot.y(run[0][1]):.1f}" r="2.5" fill="{ink}"/>'
        edge = [(plot.x(at), plot.y(value)) for at, value in run]
        if custom["fillOpacity"]:
            under = [(plot.x(at), plot.y(floor.get(at, plot.up.low))) for at, _ in reversed(run)]
            yield f'<path fill="{ink}" fill-opacity="{custom["fillOpacity"] / 100}" d="{_path([*edge, *under])}Z"/>'
        yield f'<path class="line" stroke="{ink}" stroke-width="{custom["lineWidth"]}" d="{_path(edge)}"/>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
