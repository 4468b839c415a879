"""A panel of rows and columns."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from tests.programs.dashboards.answers import Line
from tests.programs.dashboards.colours import named
from tests.programs.dashboards.fields import settings
from tests.programs.dashboards.units import written

_VALUE: Final = "Value"
_WITHIN: Final = "__name__"


class Cell(NamedTuple):
    """A cell's text, what its column is sorted by, and its colour, if any."""

    text: str
    sorted_by: str | float
    colour: str = ""

    @property
    def html(self) -> str:
        """The cell in HTML."""
        style = f' style="color:{self.colour}"' if self.colour else ""
        return f"<td{style}>{escape(self.text)}</td>"


def draw(panel: Mapping[str, Any], lines: Sequence[Line]) -> str:
    """HTML: a row for each series."""
    if not lines:
        return f'<div class="nothing">{escape(panel["fieldConfig"]["defaults"].get("noValue", "No data"))}</div>'
    head, rows = arranged(panel, lines)
    titles = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(f"<tr>{''.join(cell.html for cell in row)}</tr>" for row in rows)
    return f'<div class="table may-overflow"><table><tr>{titles}</tr>{body}</table></div>'


def arranged(panel: Mapping[str, Any], lines: Sequence[Line]) -> tuple[list[str], list[list[Cell]]]:
    """Titles and rows, as the panel's `organize` and its order want them. ValueError: the column to sort by is not
    there."""
    names = list(dict.fromkeys(name for line in lines for name in sorted(line.labels) if name != _WITHIN))
    wanted = _organized(panel)
    order = wanted.get("indexByName", {})
    left_out = wanted.get("excludeByName", {})
    columns = [name for name in [*names, _VALUE] if not left_out.get(name)]
    columns.sort(key=lambda name: order.get(name, len(order)))
    titles = wanted.get("renameByName", {})
    rows = [[_cell(panel, line, name, titles.get(name, name)) for name in columns] for line in lines]
    head = [titles.get(name, name) for name in columns]
    for by in reversed(panel["options"].get("sortBy", [])):
        place = head.index(by["displayName"])
        rows.sort(key=lambda row: row[place].sorted_by, reverse=by.get("desc", False))
    return head, rows


def _organized(panel: Mapping[str, Any]) -> Mapping[str, Any]:
    every = [each["options"] for each in panel.get("transformations", []) if each["id"] == "organize"]
    return every[-1] if every else {}


def _cell(panel: Mapping[str, Any], line: Line, name: str, title: str) -> Cell:
    told = settings(panel, title)
    if name == _VALUE:
        value = line.points[-1][1]
        return Cell(written(value, told.get("unit", "none"), told.get("decimals")), value)
    text = line.labels.get(name, "")
    mapped = [each["options"][text] for each in told.get("mappings", ()) if text in each["options"]]
    return Cell(text, text, named(mapped[0]["color"]) if mapped else "")
