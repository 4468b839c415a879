"""Figures as tables: on a terminal, and for the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from tests.programs.bench.peers.results import Rounds, Spread


@dataclass(frozen=True, slots=True)
class Column:
    """`summed`: added up over the rounds, because it must not happen once."""

    title: str
    figure: str
    digits: int = 0
    summed: bool = False


_CHECKED: Final = (Column("lost", "lost", summed=True), Column("twice", "duplicated", summed=True))

_LOAD: Final = Column("load before", "load", 1)
"""Load of the whole machine: other work that had the cores."""

COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "worker": (
        Column("events/s", "per_second"),
        Column("CPU, µs an event", "cpu_us", 1),
        Column("broker's, µs", "broker_us", 1),
        Column("peak RSS, MB", "rss_mb"),
        *_CHECKED,
        _LOAD,
    ),
    "kill": (Column("s to new output", "first_s", 1), *_CHECKED, _LOAD),
    "ingress": (
        Column("requests/s", "per_second"),
        Column("CPU, µs a request", "cpu_us", 1),
        Column("broker's, µs", "broker_us", 1),
        Column("p50, ms", "p50_ms", 1),
        Column("p99, ms", "p99_ms", 1),
        Column("peak RSS, MB", "rss_mb"),
        Column("not stored", "unstored", summed=True),
        _LOAD,
    ),
    "latency": (
        Column("answer p50, ms", "answer_p50_ms", 1),
        Column("p99", "answer_p99_ms", 1),
        Column("cleaned p50, ms", "cleaned_p50_ms"),
        Column("p99", "cleaned_p99_ms"),
        Column("state p50, ms", "state_p50_ms"),
        Column("p99", "state_p99_ms"),
        _LOAD,
    ),
}


def table(what: str, cases: Mapping[str, Mapping[str, Rounds]]) -> Table:
    """The table for a terminal."""
    shown = Table(what, "", *(column.title for column in COLUMNS[what]), "rounds", box=None)
    for row in rows(what, cases):
        shown.add_row(*row)
    return shown


def rows(what: str, cases: Mapping[str, Mapping[str, Rounds]]) -> Iterator[list[str]]:
    """Case, contender, a cell for each column, and the number of rounds."""
    for case, contenders in cases.items():
        for contender, rounds in contenders.items():
            yield [case, contender, *(_cell(column, rounds) for column in COLUMNS[what]), str(len(rounds))]


def failures(what: str, cases: Mapping[str, Mapping[str, Rounds]]) -> Iterator[str]:
    """For people to read: what happened to the bridge and must not happen once."""
    for case, contenders in cases.items():
        for contender, rounds in contenders.items():
            for column in COLUMNS[what] if contender.startswith("ours") else ():
                if column.summed and (total := rounds.total(column.figure)):
                    yield f"{what}, {case}: {contender}: {column.title}: {total:,.0f}"


def _cell(column: Column, rounds: Rounds) -> str:
    if column.summed:
        return f"{rounds.total(column.figure):,.0f}"
    return shown_spread(rounds.spread(column.figure), column.digits)


def shown_spread(spread: Spread, digits: int) -> str:
    """The median, and the range that it was in."""
    low, middle, high = (f"{value:,.{digits}f}" for value in spread)
    return middle if low == high else f"{middle} ({low} to {high})"
