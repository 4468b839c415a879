"""Bars with whiskers, as SVG: all that a page of figures needs of a plotting library."""

from collections.abc import Mapping
from html import escape
from typing import Final

from tests.programs.bench.peers.results import Spread

_WIDTH, _LABELS, _FIGURES = 760, 250, 120
_ROW, _BAR, _TOP = 28, 16, 40
_OURS: Final = "#1f6feb"
_OTHERS: Final = "#8b949e"
_STYLE: Final = "font-family:system-ui,sans-serif;font-size:13px"


def bars(title: str, rows: Mapping[str, Spread], digits: int) -> str:
    """A bar to the median of each row, with a whisker from the least to the most. Our rows have their own colour."""
    height = _TOP + _ROW * len(rows) + 8
    unit = (_WIDTH - _LABELS - _FIGURES) / max(each.high for each in rows.values())
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="22" style="{_STYLE};font-weight:600" fill="#1f2328">{escape(title)}</text>',
    ]
    for number, (label, spread) in enumerate(rows.items()):
        lines += _row(label, spread, _TOP + _ROW * number, unit, digits)
    return "\n".join([*lines, "</svg>", ""])


def _row(label: str, spread: Spread, top: int, unit: float, digits: int) -> list[str]:
    low, high = (f"{_LABELS + value * unit:.1f}" for value in (spread.low, spread.high))
    text, figure = top + _BAR - 3, f"{spread.middle:,.{digits}f}"
    colour = _OURS if label.startswith("ours") else _OTHERS
    return [
        f'<text x="{_LABELS - 8}" y="{text}" text-anchor="end" style="{_STYLE}" fill="#1f2328">{escape(label)}</text>',
        f'<rect x="{_LABELS}" y="{top}" width="{spread.middle * unit:.1f}" height="{_BAR}" fill="{colour}"/>',
        f'<path d="M{low} {top + 8}H{high}M{low} {top + 3}v10M{high} {top + 3}v10" stroke="#1f2328"/>',
        f'<text x="{float(high) + 8:.1f}" y="{text}" style="{_STYLE}" fill="#1f2328">{figure}</text>',
    ]
