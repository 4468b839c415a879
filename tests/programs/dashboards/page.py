"""A whole dashboard as one page: its panels on a grid of 24 columns."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.programs.dashboards import charts, legends, stats, tables
from tests.programs.dashboards.answers import Line, Window

WIDTH: Final = 1400
"""Width of a page, in pixels."""
_COLUMNS, _ROW, _GAP, _EDGE, _HEAD = 24, 30, 8, 16, 34
"""Grafana's grid: its columns; in pixels a unit of height, the gap between panels, the edge around them, a title."""
_PADDING: Final = 8
_LEGEND_LINE, _PER_LINE, _LEGEND_SHARE = 20, 88, 0.35
"""Pixels of a legend's line, letters in a line of a panel of half a page, and a legend's largest share of a
panel."""
_STYLE: Final = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
Json = Mapping[str, Any]


class Box(NamedTuple):
    """Where something is, in pixels."""

    left: float
    top: float
    width: float
    height: float


def box(at: Mapping[str, int]) -> Box:
    """A panel's box, from its `gridPos`, without the page's head."""
    column = (WIDTH - 2 * _EDGE + _GAP) / _COLUMNS
    return Box(
        _EDGE + at["x"] * column,
        at["y"] * (_ROW + _GAP),
        at["w"] * column - _GAP,
        at["h"] * (_ROW + _GAP) - _GAP,
    )


def draw(board: Json, ask: Callable[[Json], Sequence[Line]], window: Window) -> str:
    """HTML of a dashboard. `ask` gives the series of a panel's targets."""
    parts = [_panel(panel, [] if panel["type"] == "row" else ask(panel), window) for panel in board["panels"]]
    height = max(place.top + place.height for place in (box(panel["gridPos"]) for panel in board["panels"]))
    start, end = (f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}" for at in window)
    title, said = escape(board["title"]), escape(board["description"])
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<header><h1>{title}</h1><p>{said}</p><p>{start} to {end} UTC; not drawn by Grafana</p></header>"
        f'<main style="height:{height + _EDGE:.0f}px">{"".join(parts)}</main></html>'
    )


def _panel(panel: Json, lines: Sequence[Line], window: Window) -> str:
    place = box(panel["gridPos"])
    style = f"left:{place.left:.1f}px;top:{place.top:.1f}px;width:{place.width:.1f}px;height:{place.height:.1f}px"
    title = escape(panel["title"])
    if panel["type"] == "row":
        return f'<h2 style="{style}">⌄ {title}</h2>'
    more = '<span class="more">ⓘ</span>' if panel.get("description") else ""
    inside = _inside(panel, lines, window, place.width - 2 * _PADDING, place.height - _HEAD - _PADDING)
    return f'<section style="{style}"><h3><span class="title">{title}</span>{more}</h3>{inside}</section>'


def _inside(panel: Json, lines: Sequence[Line], window: Window, width: float, height: float) -> str:
    if panel["type"] == "stat":
        return stats.draw(panel, lines, width, height)
    if panel["type"] == "table":
        return tables.draw(panel, lines)
    assert panel["type"] == "timeseries", f"nobody has drawn a {panel['type']} yet"
    if not lines:
        return f'<div class="nothing">{escape(panel["fieldConfig"]["defaults"].get("noValue", "No data"))}</div>'
    room = _room_for_legend(lines, width, height)
    chart = charts.draw(panel, lines, window, width, height - room)
    return f'{chart}<div style="height:{room:.0f}px">{legends.draw(panel, lines)}</div>'


def _room_for_legend(lines: Sequence[Line], width: float, height: float) -> float:
    """Pixels: a list below a chart has as many lines as its names need, until Grafana would scroll it."""
    letters = sum(len(line.name) + 5 for line in lines)
    wanted = 1 + letters // (_PER_LINE * width / (WIDTH / 2))
    return min(_LEGEND_LINE * wanted, _LEGEND_SHARE * height)
