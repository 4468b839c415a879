"""Differences of schemas on the terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.output import console

if TYPE_CHECKING:
    from bridge.publish.difference import Difference


def show(found: Sequence["Difference"]) -> None:
    """One line for each difference, or a sentence if there is none."""
    from rich.table import Table
    from rich.text import Text

    if not found:
        typer.echo("No difference.")
        return
    table = Table("effect", "file", "at", "what", box=None, header_style="bold", pad_edge=False)
    for each in found:
        table.add_row(each.effect.value, each.file, Text(each.pointer), Text(each.what))
    console().print(table)


def as_documents(found: Sequence["Difference"]) -> list[dict[str, Any]]:
    """As JSON objects."""
    return [asdict(each) for each in found]
