"""Lines over time, as SVG."""

import math
import re
from typing import Any

from tests.programs.dashboards import charts, legends
from tests.programs.dashboards.answers import Line, Window

WINDOW = Window(0.0, 10.0)


def chart(*, points: str = "auto", stacking: str = "none", fill: int = 0, **defaults: Any) -> dict[str, Any]:
    custom = {"stacking": {"mode": stacking}, "fillOpacity": fill, "lineWidth": 1, "showPoints": points}
    shown = {"unit": "short", "min": 0, "custom": custom | defaults.pop("custom", {}), **defaults}
    legend = {"displayMode": "list", "placement": "bottom", "calcs": ["max"]}
    return {"fieldConfig": {"defaults": shown, "overrides": []}, "options": {"legend": legend}}


def line(*points: tuple[float, float]) -> Line:
    return Line({}, "a line", points)


def drawn(panel: dict[str, Any], *lines: Line) -> str:
    return charts.draw(panel, lines, WINDOW, 400, 200)


def heights(svg: str) -> list[float]:
    """The highest point of each line, first line first. The origin is at the top."""
    paths = re.findall(r'class="line"[^>]* d="M([^"]+)"', svg)
    return [min(float(point.split()[1]) for point in path.split("L")) for path in paths][::-1]


def test_a_sample_alone_is_a_point_unless_the_panel_shows_none() -> None:
    alone = line((1.0, 5.0), (5.0, 5.0), (6.0, 5.0))
    assert drawn(chart(), alone).count("<circle") == 1
    assert drawn(chart(points="never"), alone).count("<circle") == 0


def test_what_is_no_number_is_not_drawn() -> None:
    svg = drawn(chart(), line((1.0, math.nan), (2.0, 1.0), (3.0, 2.0)))
    assert "nan" not in svg
    assert len(heights(svg)) == 1


def test_stacked_lines_lie_on_each_other() -> None:
    one = line((1.0, 4.0), (2.0, 4.0))
    first, second = heights(drawn(chart(stacking="normal", fill=20), one, one))
    assert second < first
    assert len(set(heights(drawn(chart(), one, one)))) == 1


def test_an_axis_is_written_in_the_panel_s_unit() -> None:
    assert ">5 ms<" in drawn(chart(unit="s"), line((1.0, 0.0), (2.0, 0.025)))


def test_limits_are_shown_where_they_are_in_the_picture() -> None:
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 3}, {"color": "red", "value": 900}]
    panel = chart(thresholds={"steps": steps}, custom={"thresholdsStyle": {"mode": "dashed"}})
    assert drawn(panel, line((1.0, 4.0), (2.0, 4.0))).count('class="limit"') == 1


def test_a_legend_tells_what_the_panel_wants_of_each_line() -> None:
    assert "Max: 7" in legends.draw(chart(), [line((1.0, 7.0), (2.0, 3.0))])
