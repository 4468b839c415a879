"""What panels make of their series."""

from typing import Any

from tests.programs.dashboards import stats, tables
from tests.programs.dashboards.answers import Line, Window
from tests.programs.dashboards.colours import LINES, named
from tests.programs.dashboards.fields import colour
from tests.programs.dashboards.names import called
from tests.programs.dashboards.page import WIDTH, box, draw
from tests.programs.dashboards.samples import runs, stacked
from tests.programs.dashboards.stats import Shown

LIMITS = {"mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 1}]}
UNKNOWN = {"type": "special", "options": {"match": "null", "result": {"text": "not known", "color": "orange"}}}
AWAY = {"type": "value", "options": {"0": {"text": "AWAY"}}}


def stat(**defaults: Any) -> dict[str, Any]:
    given = {"unit": "short", "thresholds": LIMITS, "color": {"mode": "thresholds"}, **defaults}
    return {"fieldConfig": {"defaults": given}, "options": {"reduceOptions": {"calcs": ["lastNotNull"]}}}


def line(*values: float, **labels: str) -> Line:
    return Line(labels, "a line", [(float(at), value) for at, value in enumerate(values)])


def test_a_number_has_the_colour_of_its_threshold_and_the_text_of_its_mapping() -> None:
    assert stats.reduced(stat(), [line(5, 0)]) == Shown("0", "green")
    assert stats.reduced(stat(), [line(0, 5)]) == Shown("5", "red")
    assert stats.reduced(stat(mappings=[AWAY]), [line(0)]) == Shown("AWAY", "green")
    assert stats.reduced(stat(color={"mode": "fixed", "fixedColor": "text"}), [line(7)]) == Shown("7", "text")


def test_what_is_not_there_has_the_lowest_colour_unless_a_mapping_has_another_one() -> None:
    assert stats.reduced(stat(), []) == Shown("No data", "green")
    assert stats.reduced(stat(noValue="nothing"), []) == Shown("nothing", "green")
    assert stats.reduced(stat(mappings=[UNKNOWN]), []) == Shown("not known", "orange")


def test_a_table_has_the_columns_that_it_wants_in_their_order_and_words() -> None:
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {"version": 0, "service": 1, "Value": 2},
        "renameByName": {"Value": "processes"},
    }
    panel = {
        "fieldConfig": {"defaults": {}, "overrides": []},
        "options": {"sortBy": [{"displayName": "processes", "desc": True}]},
        "transformations": [{"id": "organize", "options": organize}],
    }
    head, rows = tables.arranged(
        panel, [line(2, service="ingress", version="1"), line(10, service="worker", version="1")]
    )
    assert head == ["version", "service", "processes"]
    assert [[cell.text for cell in row] for row in rows] == [["1", "worker", "10"], ["1", "ingress", "2"]]


def test_an_override_counts_for_the_series_of_its_name() -> None:
    red = {"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}}
    override = {"matcher": {"id": "byName", "options": "halted"}, "properties": [red]}
    panel = {"fieldConfig": {"defaults": {"unit": "short"}, "overrides": [override]}}
    assert colour(panel, "halted", 0) == named("red")
    assert colour(panel, "ready", 1) == LINES[1]


def test_a_series_is_called_as_its_legend_wants() -> None:
    assert called("{{topic}}/{{ partition }}", {"topic": "raw", "partition": "3"}) == "raw/3"
    assert called("{{nothing}} left", {}) == " left"
    assert called("__auto", {"state": "ready"}) == "ready"


def test_series_are_laid_on_each_other_and_lines_end_where_samples_are_missing() -> None:
    assert stacked([[(0, 1.0), (1, 1.0)], [(1, 2.0)]]) == [[(0, 1.0), (1, 1.0)], [(1, 3.0)]]
    assert list(runs([(0, 1.0), (1, 2.0), (5, 3.0)])) == [[(0, 1.0), (1, 2.0)], [(5, 3.0)]]


def test_panels_of_a_row_fill_the_page() -> None:
    left, right = (box({"x": x, "y": 2, "w": 12, "h": 8}) for x in (0, 12))
    assert left.top == right.top
    assert left.left == WIDTH - (right.left + right.width)
    assert left.left + left.width + 8 == right.left


def test_what_came_from_outside_is_no_markup() -> None:
    chart = {
        "type": "timeseries",
        "title": "A <b>",
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "fieldConfig": {
            "defaults": {
                "unit": "short",
                "custom": {"stacking": {"mode": "none"}, "fillOpacity": 0, "lineWidth": 1, "showPoints": "auto"},
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
    }
    board = {"title": "all", "description": "", "panels": [chart]}
    page = draw(board, lambda _: [Line({}, "<script>", [(0.0, 1.0)])], Window(0, 60))
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "<b>" not in page
