"""Differences of schemas on the terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table

from commands.schema.publish.difference import Difference
from commands.terminal.output import console, print_line


def show(found: Sequence[Difference]) -> None:
    """One line for each difference, or a sentence if there is none."""
    if not found:
        print_line("No difference.")
        return
    table = Table("effect", "file", "at", "what", box=None, header_style="bold", pad_edge=False)
    for each in found:
        table.add_row(each.effect.value, each.file, each.pointer, each.what)
    console().print(table)


def as_documents(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """As JSON objects."""
    return [asdict(each) for each in found]
