"""Lists: for people in the width of their terminal, for programs as JSON, and as names for the next command."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import typer

from commands.terminal.columns import Column, fit
from commands.terminal.output import InertConsole, console, hint, print_json_line, print_line


class ListFormat(StrEnum):
    """How a list is printed. `wide`: every column, whole, whatever the terminal's width; `jsonl`: a record a line;
    `name`: only what other commands want to know of a record."""

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
    """Print it in a format other than JSON, of which the command knows more than the records. Nothing is cut where no
    terminal shows it."""
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
    """Print rows below the names of their columns; tells whether all of these are there."""
    fitted = fit(columns, rows, None if wide or not where.is_terminal else where.width)
    where.print(fitted.head(), style="bold")
    for row in rows:
        where.print(fitted.line(row))
    return fitted.is_whole
