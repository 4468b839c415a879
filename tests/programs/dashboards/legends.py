"""What stands below a chart: which colour belongs to which series."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tests.programs.dashboards.answers import Line
from tests.programs.dashboards.charts import label
from tests.programs.dashboards.fields import colour
from tests.programs.dashboards.samples import numbers


def draw(panel: Mapping[str, Any], lines: Sequence[Line]) -> str:
    """HTML: each series' colour and name, and the numbers that the panel asks for."""
    asked = panel["options"]["legend"]
    names = "".join(_name(panel, line, number) for number, line in enumerate(lines))
    return f'<div class="legend {asked["placement"]} {asked["displayMode"]} may-overflow">{names}</div>'


def _name(panel: Mapping[str, Any], line: Line, number: int) -> str:
    ink = colour(panel, line.name, number)
    return f'<span><i style="background:{ink}"></i>{escape(line.name)}{_told(panel, line)}</span>'


def _told(panel: Mapping[str, Any], line: Line) -> str:
    """The numbers beside a name: `legend.calcs`. KeyError: no panel has had this calculation."""
    defaults, found = panel["fieldConfig"]["defaults"], [value for _, value in numbers(line.points)]
    known = {"lastNotNull": ("Last", found[-1:]), "max": ("Max", [max(found)] if found else [])}
    every = [known[calc] for calc in panel["options"]["legend"].get("calcs", [])]
    return "".join(f" <b>{name}: {escape(label(value, defaults))}</b>" for name, some in every for value in some)
