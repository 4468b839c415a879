"""Lists: as a table that fits the terminal, as JSON, or as names for other commands."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import typer

from commands.terminal.columns import Column, fit
from commands.terminal.output import InertConsole, console, hint, print_json_line, print_line


class ListFormat(StrEnum):
    """How a list is printed. `wide`: every column, uncut; `jsonl`: a record a line; `name`: what other commands
    take."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    JSONL = "jsonl"
    NAME = "name"


ListFormatOption = Annotated[ListFormat, typer.Option("--output", "-o", help="How to print the list.")]


class Listed(NamedTuple):
    """A list: rows of `columns`, and the same as `records` for programs and `names` for commands."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    records: Sequence[Any]
    names: Sequence[str]


def print_list(listed: Listed, output: ListFormat) -> None:
    """Print a list in any format but JSON, for which the command has more than the records. Cells are cut only at a
    terminal."""
    if output is ListFormat.JSONL:
        for record in listed.records:
            print_json_line(record)
    elif output is ListFormat.NAME:
        for name in listed.names:
            print_line(name)
    elif listed.rows:
        whole = print_table(console(), listed.columns, listed.rows, wide=output is ListFormat.WIDE)
        if not whole:
            hint("the terminal is too narrow for all columns; `-o wide` has them.")


def print_table(
    where: InertConsole, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, wide: bool = False
) -> bool:
    """Print rows below their column names; return whether all columns are there."""
    fitted = fit(columns, rows, None if wide or not where.is_terminal else where.width)
    where.print(fitted.head(), style="bold")
    for row in rows:
        where.print(fitted.line(row))
    return fitted.is_whole
