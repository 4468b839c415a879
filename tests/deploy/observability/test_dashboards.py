"""Dashboards that Grafana can load, and whose panels ask for what is there. How Grafana draws them was not seen."""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.observability.dashboards import FILES, Asked, board, expressions, panels
from tests.deploy.observability.metrics import wrong_in

EVERY = list(expressions())
GRID = 24
OF_ALL = re.compile(r'\b(bridge|process)_\w+\b(?!\{[^}]*namespace=~"shop")')


@pytest.mark.parametrize("asked", EVERY, ids=[asked.where for asked in EVERY])
def test_a_panel_asks_for_what_is_exposed(asked: Asked) -> None:
    assert not list(wrong_in(asked.expression))
    assert "$" not in asked.expression, "a variable that the dashboards do not have"


@pytest.mark.parametrize("asked", EVERY, ids=[asked.where for asked in EVERY])
def test_a_panel_shows_one_deployment(asked: Asked) -> None:
    """What each process tells of itself is joined with what is chosen."""
    joined = {"process"} if " * on (namespace, " in asked.expression else set()
    assert set(OF_ALL.findall(asked.expression)) == joined


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_one_namespace_is_chosen(file: Path) -> None:
    """Panels take all together that they are shown."""
    [namespace] = [variable for variable in board(file)["templating"]["list"] if variable["name"] == "namespace"]
    assert (namespace["includeAll"], namespace["multi"]) == (False, False)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_panels_lie_beside_each_other(file: Path) -> None:
    def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
        at = panel["gridPos"]
        return set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))

    taken = [cell for panel in board(file)["panels"] for cell in cells(panel)]
    assert len(taken) == len(set(taken))
    assert all(0 <= x < GRID for x, _ in taken)


def test_what_must_be_unique_is() -> None:
    boards = [board(file) for file in FILES]
    assert len({each["uid"] for each in boards}) == len(boards)
    for each in boards:
        ids = [panel["id"] for panel in each["panels"]]
        assert len(ids) == len(set(ids))


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
