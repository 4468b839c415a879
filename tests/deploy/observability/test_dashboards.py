"""Grafana can load the dashboards. Their panels ask for what is there, and say so if there is nothing.

`tests.programs.dashboards` draws them from a deployment that runs: people looked at those pictures, not at Grafana's
own.
"""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.observability.dashboards import FILES, Asked, board, expressions, panels
from tests.deploy.observability.metrics import wrong_in
from tests.deploy.observability.promtool_cases import case, check
from tests.programs.dashboards.stats import reduced
from tests.programs.dashboards.units import written

EVERY = list(expressions())
PANELS = {f"{file.stem}-{panel['title']}": panel for file in FILES for panel in panels(file)}
NUMBERS = {name: panel for name, panel in PANELS.items() if panel["type"] == "stat"}
GRID = 24
OF_ALL = re.compile(r'\b(bridge|process)_\w+\b(?!\{[^}]*namespace=~"shop")')


@pytest.mark.parametrize("asked", EVERY, ids=[asked.where for asked in EVERY])
def test_a_panel_asks_for_what_is_exposed(asked: Asked) -> None:
    assert not list(wrong_in(asked.expression))
    assert "$" not in asked.expression, "a variable that the dashboards do not have"


@pytest.mark.parametrize("asked", EVERY, ids=[asked.where for asked in EVERY])
def test_a_panel_shows_one_deployment(asked: Asked) -> None:
    """Only what each process tells of itself may lack the namespace: it is joined with what is chosen."""
    joined = {"process"} if " * on (namespace, " in asked.expression else set()
    assert set(OF_ALL.findall(asked.expression)) == joined


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_one_namespace_is_chosen(file: Path) -> None:
    """Panels take together all that they are shown."""
    [namespace] = [variable for variable in board(file)["templating"]["list"] if variable["name"] == "namespace"]
    assert (namespace["includeAll"], namespace["multi"]) == (False, False)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_panels_lie_beside_each_other(file: Path) -> None:
    def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
        at = panel["gridPos"]
        return set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))

    taken = [cell for panel in board(file)["panels"] for cell in cells(panel)]
    assert len(taken) == len(set(taken))
    assert set(taken) == set(itertools.product(range(GRID), range(1 + max(y for _, y in taken)))), "there is no hole"


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
def test_a_panel_says_why_it_is_empty_and_has_a_unit_that_is_known(panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["noValue"]
    assert written(1.0, defaults.get("unit", "none"))


@pytest.mark.parametrize("panel", NUMBERS.values(), ids=NUMBERS)
def test_a_number_that_is_not_known_does_not_look_well(panel: dict[str, Any]) -> None:
    """Grafana gives it the colour of the lowest threshold, unless it has a colour of its own."""
    assert reduced(panel, []).colour in {"orange", "text"}


def test_the_list_of_alerts_has_those_that_fire_and_for_how_long(tmp_path: Path) -> None:
    """An alert that is not sure yet is not among them."""
    [asked] = [asked for asked in EVERY if "ALERTS" in asked.expression]
    runs = {f'bridge_build_info{{namespace="shop",service="{service}"}}': "1x10" for service in ("ingress", "worker")}
    away = {"bridge_kafka_up" + labels: "1 0x9" for labels in ('{namespace="shop"}', '{namespace="another"}')}
    fires = [{"labels": '{alertname="BridgeKafkaAway",severity="critical"}', "value": 9 * 60}]
    told = [{"expr": asked.expression, "eval_time": at, "exp_samples": it} for at, it in (("2m", []), ("10m", fires))]
    check(tmp_path, case({**runs, **away}, *told))


@pytest.mark.parametrize("counted", ["incomplete", "stalled"])
def test_no_such_order_is_told_only_once_all_lanes_have_counted_theirs(counted: str, tmp_path: Path) -> None:
    """The open lanes had none, which made a green 0, while nobody counted the orders of a halted lane."""
    [asked] = [asked for asked in EVERY if asked.where == f"bridge: Orders {counted} A"]
    orders = f'bridge_orders_{counted}{{namespace="shop",instance="%s"}}'
    lane = 'bridge_lane_state{namespace="shop",instance="w2",state="%s"}'
    series = {orders % "w1": "0 0 3", orders % "w2": "_ 0 stale", lane % "ready": "0 1 0", lane % "halted": "1 0 1"}
    told = [("0m", []), ("1m", [{"labels": "{}", "value": 0}]), ("2m", [{"labels": "{}", "value": 3}])]
    moments = ({"expr": asked.expression, "eval_time": at, "exp_samples": samples} for at, samples in told)
    check(tmp_path, case(series, *moments))


@pytest.mark.parametrize(
    ("panel", "counted"), [("Lag", "bridge_consumer_lag_events"), ("Conflicts held back", "bridge_conflicts_open")]
)
def test_none_that_waits_is_told_only_once_all_that_have_a_lane_have_told(
    panel: str, counted: str, tmp_path: Path
) -> None:
    """A lane with an unknown lag, or a worker that could not count its conflicts, made a green 0 of the rest. A worker
    without a lane has nothing to tell."""
    [asked] = [asked for asked in EVERY if asked.where == f"bridge: {panel} A"]
    first, other = (f'namespace="shop",instance="w{number}",topic="n.raw.v1",partition="{number}"' for number in (1, 2))
    series = {
        'bridge_build_info{namespace="shop",instance="w3",service="worker"}': "1x2",
        f'bridge_lane_state{{{first},state="ready"}}': "1x2",
        f'bridge_lane_state{{{other},state="ready"}}': "0 1 0",
        f"{counted}{{{first}}}": "0 0 3",
        f"{counted}{{{other}}}": "_ 0 stale",
    }
    told = [("0m", []), ("1m", [{"labels": "{}", "value": 0}]), ("2m", [{"labels": "{}", "value": 3}])]
    moments = ({"expr": asked.expression, "eval_time": at, "exp_samples": samples} for at, samples in told)
    check(tmp_path, case(series, *moments))


def test_what_is_written_to_a_partition_counts_once_while_it_moves(tmp_path: Path) -> None:
    """Whose series of the last minutes are two looked like twice the load after each roll-out."""
    [asked] = [asked for asked in EVERY if asked.where == "bridge-engine: Written a second, by source topic A"]
    log = 'bridge_source_high_watermark_offset{namespace="shop",topic="n.raw.v1",partition="0",instance="%s"}'
    series = {log % "w1": "0+60x10 stale", log % "w2": "_x10 600+60x10"}
    told = {"labels": '{topic="n.raw.v1"}', "value": 1}
    moments = ({"expr": asked.expression, "eval_time": at, "exp_samples": [told]} for at in ("9m", "13m"))
    check(tmp_path, case(series, *moments))


def test_what_must_be_unique_is() -> None:
    boards = [board(file) for file in FILES]
    assert len({each["uid"] for each in boards}) == len(boards)
    for each in boards:
        for name in ("id", "title"):
            found = [panel[name] for panel in each["panels"]]
            assert len(found) == len(set(found))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_panel_asks_the_data_source_that_was_chosen(file: Path) -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    variables = {variable["name"] for variable in board(file)["templating"]["list"]}
    assert variables == {"datasource", "namespace"}
    for panel in panels(file):
        assert panel["title"]
        assert [panel["datasource"], *(target["datasource"] for target in panel["targets"])] == [chosen] * (
            1 + len(panel["targets"])
        )
