"""Tables cut nothing, however narrow the terminal is."""

import io
from collections.abc import Callable
from functools import partial

import pytest
from rich.table import Table

from commands.terminal.output import InertConsole
from commands.terminal.tables import pairs, table

NAME, VALUE = "n" * 300, "v" * 300


@pytest.mark.parametrize("width", [40, 200])
@pytest.mark.parametrize(
    "make", [partial(table, "x", "y"), pairs, partial(pairs, numbers=True)], ids=["table", "pairs", "numbers"]
)
def test_what_is_too_long_for_its_column_goes_on_below(make: Callable[[], Table], width: int) -> None:
    made = make()
    made.add_row(NAME, VALUE)
    console = InertConsole(file=io.StringIO(), width=width)
    console.print(made)
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert (told.count("n"), told.count("v")) == (len(NAME), len(VALUE))
