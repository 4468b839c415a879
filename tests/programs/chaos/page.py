"""The tables of docs/guarantees.md, made from runs.jsonl: `python -m tests.programs.chaos.page`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.programs.chaos import sizes_page
from tests.programs.chaos.faults import FAULTS

RECORD, PAGE = Path(__file__).with_name("runs.jsonl"), Path(__file__).parents[3] / "docs" / "guarantees.md"
_BEGIN, _END = "<!-- from runs.jsonl: begin -->", "<!-- from runs.jsonl: end -->"
_SUMS = ("deliveries", "events", "lost", "duplicated")

Line = Mapping[str, Any]
"""A run, as `make chaos` records it; one that did not recover has no figures."""


def refresh() -> None:
    """Bring the page up to date with the record."""
    PAGE.write_text(refreshed(PAGE.read_text(), RECORD.read_text()))


def refreshed(page: str, record: str) -> str:
    """The page with the tables of this record."""
    before, rest = page.split(_BEGIN)
    _, after = rest.split(_END)
    lines = [json.loads(line) for line in record.splitlines()]
    return f"{before}{_BEGIN}\n{section(lines, sorted(FAULTS))}\n{_END}{after}"


def section(lines: Sequence[Line], faults: Iterable[str]) -> str:
    """Totals, a table by fault and one by size, of the runs of the engine that was recorded last."""
    if not lines:
        return "No run is recorded yet."
    engine = _engine(lines[-1])
    runs = [line for line in lines if _engine(line) == engine]
    revisions = dict.fromkeys(f"`{run['revision']}`" for run in runs)
    rows = [
        "| fault | runs | not passed | deliveries | events | lost | duplicated | longest stall, s |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
        *(_row(fault, [run for run in runs if fault in run["faults"]], fault) for fault in faults),
        _row("**all runs**", runs, None),
    ]
    of_others = len(lines) - len(runs)
    return "\n".join(
        [
            f"Revision of the engine (`processors/engine` and `dedupe`, `bridge`, `ingress`): `{engine}`.",
            f"Of all that the services run: {', '.join(revisions)}.",
            f"Recorded runs of other engines, not counted here: {of_others}.",
            "",
            *rows,
            "",
            *sizes_page.rows(runs),
        ]
    )


def _engine(run: Line) -> str:
    """Older lines have only the revision of everything."""
    engine: str = run.get("engine", run["revision"])
    return engine


def _row(name: str, runs: Sequence[Line], fault: str | None) -> str:
    failed = sum(run["outcome"] != "passed" for run in runs)
    sums = (f"{sum(run.get(figure, 0) for run in runs):,}" for figure in _SUMS)
    stalls = [seconds for run in runs for of, seconds in run.get("stalls", {}).items() if fault is None or of == fault]
    longest = f"{max(stalls):.1f}" if stalls else "-"
    return f"| {name} | {len(runs)} | {failed} | {' | '.join(sums)} | {longest} |"


if __name__ == "__main__":
    refresh()
