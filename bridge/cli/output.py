"""How commands speak: data on stdout as a table or JSON, everything else on stderr. What is said is inert."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bridge.printable import inert, inert_json, say

if TYPE_CHECKING:
    from bridge.cli.inert_console import InertConsole

_PIPED_WIDTH = 200
"""Columns of what no terminal shows: nothing is cut there."""


class Format(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--output", "-o", help="How to print the result.")]


def console() -> "InertConsole":
    """For data."""
    from bridge.cli.inert_console import InertConsole

    found = InertConsole(soft_wrap=True)
    if not found.is_terminal:
        found.width = _PIPED_WIDTH
    return found


def messages() -> "InertConsole":
    """For messages and progress."""
    from bridge.cli.inert_console import InertConsole

    return InertConsole(stderr=True, soft_wrap=True, highlight=False)


def print_json(data: Any) -> None:
    """Indented, keys in the given order."""
    typer.echo(inert_json(data, indent=2))


def print_line(text: str) -> None:
    """A line of data."""
    typer.echo(inert(text))


def fail(*sentences: str) -> NoReturn:
    """Wrong use or a broken environment: as a rule one sentence, each on its line; exit 2."""
    for sentence in sentences:
        say(sentence)
    raise typer.Exit(2)
