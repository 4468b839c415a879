"""How commands speak: data on stdout as a table or JSON, everything else on stderr."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 200
"""Columns of what no terminal shows: nothing is cut there."""


class Format(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--output", "-o", help="How to print the result.")]


def console() -> "Console":
    """For data."""
    from rich.console import Console

    found = Console(soft_wrap=True)
    if not found.is_terminal:
        found.width = _PIPED_WIDTH
    return found


def messages() -> "Console":
    """For messages and progress."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False)


def print_json(data: Any) -> None:
    """Indented, keys in the given order."""
    import orjson

    typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def fail(sentence: str) -> NoReturn:
    """Wrong use or a broken environment: one sentence, exit 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
