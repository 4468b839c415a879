"""Every dashboard that is deployed can be drawn, whether its panels have something to show or nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.observability.dashboards import FILES, board, panels
from tests.programs.dashboards.answers import Line, Window
from tests.programs.dashboards.names import called
from tests.programs.dashboards.page import draw

WINDOW = Window(0.0, 60.0)
LABELS = dict.fromkeys(
    ("alertname", "event", "field", "instance", "kind", "name", "severity", "service", "setting", "topic", "version"),
    "a",
)


def some(panel: Mapping[str, Any]) -> list[Line]:
    """A series for each target."""
    names = [called(target.get("legendFormat", "__auto"), LABELS) for target in panel["targets"]]
    return [Line(LABELS, name, [(at, at) for at in range(60)]) for name in names]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_with_series(file: Path) -> None:
    page = draw(board(file), some, WINDOW)
    kinds = [panel["type"] for panel in panels(file)]
    assert page.count("<svg") == kinds.count("timeseries")
    assert page.count("<table") == kinds.count("table")
    assert 'class="nothing"' not in page


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_without_any(file: Path) -> None:
    page = draw(board(file), lambda _: [], WINDOW)
    assert page.count('class="nothing"') == len([panel for panel in panels(file) if panel["type"] != "stat"])
    assert "No data" not in page
