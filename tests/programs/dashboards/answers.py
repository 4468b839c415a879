"""What Prometheus answers when a panel asks."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from tests.deploy.observability.dashboards import filled
from tests.integration.exactly_once.prometheus import Prometheus
from tests.programs.dashboards.names import called

STEP_S: Final = 1
Json = dict[str, Any]


class Window(NamedTuple):
    """The time that a dashboard shows, in seconds since 1970."""

    start: float
    end: float


class Line(NamedTuple):
    """A series: its labels, its name in the legend, and its samples as (seconds since 1970, value)."""

    labels: Mapping[str, str]
    name: str
    points: Sequence[tuple[float, float]]


def ask(prometheus: Prometheus, panel: Json, window: Window) -> list[Line]:
    """All series of all its targets, in their order. An instant target's series have one sample, of the window's
    end."""
    found = []
    for target in panel["targets"]:
        start = window.end if target.get("instant") else window.start
        for labels, points in prometheus.series(filled(target["expr"]), start, window.end, STEP_S):
            found.append(Line(labels, called(target.get("legendFormat", "__auto"), labels), points))
    return found
