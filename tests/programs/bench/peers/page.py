"""Makes the figures of `docs/performance.md` and its plots from the committed results: `python -m
tests.programs.bench.peers.page`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.programs.bench.peers.aims import aims
from tests.programs.bench.peers.plot import bars
from tests.programs.bench.peers.results import COMMITTED, Results
from tests.programs.bench.peers.tables import COLUMNS, rows

PAGE: Final = Path(__file__).parents[4] / "docs" / "performance.md"
PLOTS: Final = PAGE.with_suffix("")
"""The directory beside the page."""

_BEGIN, _END = "<!-- {}: begin -->", "<!-- {}: end -->"
_FIGURES: Final[Mapping[str, tuple[tuple[str, str, int], ...]]] = {
    "worker": (("per_second", "events a second", 0), ("cpu_us", "µs of CPU an event", 1)),
    "ingress": (("per_second", "requests a second", 0), ("p99_ms", "p99, ms", 1)),
    "latency": (("cleaned_p99_ms", "ms from request to cleaned record, p99", 0),),
    "kill": (("first_s", "seconds from the restart to new output", 1),),
}


def refresh() -> None:
    """Bring page and plots up to date with the results."""
    results = Results.load(COMMITTED)
    PAGE.write_text(refreshed(PAGE.read_text(), results))
    PLOTS.mkdir(exist_ok=True)
    for old in PLOTS.glob("*.svg"):
        old.unlink()
    for name, plot in plots(results).items():
        (PLOTS / name).write_text(plot)


def refreshed(page: str, results: Results) -> str:
    """The page with these figures."""
    parts = {"machine": _machine(results), "aims": aims(results)}
    parts |= {what: _section(what, results) for what in COLUMNS}
    for name, lines in parts.items():
        before, rest = page.split(_BEGIN.format(name))
        _, after = rest.split(_END.format(name))
        body = "\n".join(lines)
        page = f"{before}{_BEGIN.format(name)}\n{body}\n{_END.format(name)}{after}"
    return page


def plots(results: Results) -> dict[str, str]:
    """Plots by file name."""
    return {
        _file(what, case, figure): bars(f"{what}: {case}: {title}", spreads, digits)
        for what, figures in _FIGURES.items()
        for case, contenders in results.of(what).items()
        for figure, title, digits in figures
        if (spreads := {name: rounds.spread(figure) for name, rounds in contenders.items()})
    }


def _machine(results: Results) -> Iterator[str]:
    if not results.turns:
        yield "No turn is committed yet: nothing on this page is measured."
        return
    yield "| | |"
    yield "|---|---|"
    for fact, value in results.machine.items():
        yield f"| {fact} | {value} |"
    yield f"| revision of the bridge | {', '.join(f'`{each}`' for each in results.revisions())} |"


def _section(what: str, results: Results) -> Iterator[str]:
    cases = results.of(what)
    if not cases:
        yield "Nothing is measured yet."
        return
    columns = COLUMNS[what]
    yield f"| | | {' | '.join(column.title for column in columns)} | rounds |"
    yield f"|---|---|{'--:|' * (len(columns) + 1)}"
    for row in rows(what, cases):
        yield f"| {' | '.join(row)} |"
    for case in cases:
        for figure, title, _ in _FIGURES[what]:
            yield ""
            yield f"![{what}, {case}: {title}](performance/{_file(what, case, figure)})"


def _file(what: str, case: str, figure: str) -> str:
    words = f"{what}-{case}-{figure}".lower().replace(",", "").replace("_", "-")
    return f"{'-'.join(words.split())}.svg"


if __name__ == "__main__":
    refresh()
