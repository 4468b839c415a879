"""Differences of schemas on the terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bridge.cli.output import console, print_line

if TYPE_CHECKING:
    from bridge.publish.difference import Difference


def show(found: Sequence["Difference"]) -> None:
    """One line for each difference, or a sentence if there is none."""
    from rich.table import Table

    if not found:
        print_line("No difference.")
        return
    table = Table("effect", "file", "at", "what", box=None, header_style="bold", pad_edge=False)
    for each in found:
        table.add_row(each.effect.value, each.file, each.pointer, each.what)
    console().print(table)


def as_documents(found: Sequence["Difference"]) -> list[dict[str, Any]]:
    """As JSON objects."""
    return [asdict(each) for each in found]
