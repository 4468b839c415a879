"""The one console of the command line: data stays text, however it comes."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import RenderableType
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bridge.printable import inert
from commands.terminal.output import InertConsole
from tests.terminal import HOSTILE, assert_inert

ROOT = Path(__file__).parents[4]


def shown(what: RenderableType, *, plain: bool = False) -> str:
    console = InertConsole(
        file=io.StringIO(), force_terminal=True, no_color=plain, highlight=not plain, width=300, soft_wrap=True
    )
    console.print(what, style="" if plain else "red")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def table() -> Table:
    made = Table(HOSTILE, title=HOSTILE, caption=HOSTILE)
    made.add_row(HOSTILE)
    return made


def test_lines_of_a_table_end_with_their_last_letter() -> None:
    """Lines were filled up with blanks, 150 of them in a pipe."""
    made = Table("name", "value", box=None, pad_edge=False)
    made.add_row("a", "1")
    made.add_row("b", "much longer")
    console = InertConsole(file=io.StringIO(), width=80)
    console.print(made)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "name  value\na     1\nb     much longer\n"


@pytest.mark.parametrize(
    "what", [HOSTILE, table(), Text(HOSTILE), Text.from_ansi(HOSTILE)], ids=lambda w: type(w).__name__
)
def test_nothing_in_data_does_anything(what: RenderableType) -> None:
    assert_inert(shown(what))


@pytest.mark.thorough  # starts ruff for each
@pytest.mark.parametrize(
    "code",
    [
        "from rich.text import Text\n",
        "from rich.console import Console\n",
        "from rich import print as show\n",
        "import typer\n\ntyper.echo(data)\n",
        "import sys\n\nsys.stdout.write(data)\n",
        "import sys\n\nsys.stderr.write(data)\n",
        "print(data)\n",
    ],
)
@pytest.mark.parametrize("file", ["commands/some_view.py", "ingress/some.py", "processors/some.py"])
def test_make_lint_refuses_every_other_way_to_a_terminal(code: str, file: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", file, "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False, cwd=ROOT)
    assert "TID251" in done.stdout or "T201" in done.stdout


def test_a_string_is_shown_as_it_is_but_for_what_does_not_print() -> None:
    assert shown(HOSTILE, plain=True) == f"{inert(HOSTILE)}\n"


def test_a_cell_is_as_wide_as_what_is_shown_of_it() -> None:
    made = Table(show_header=False)
    made.add_row(HOSTILE)
    assert len({len(line) for line in shown(made, plain=True).splitlines()}) == 1


def test_the_description_of_a_bar_is_inert() -> None:
    console = InertConsole(file=io.StringIO(), force_terminal=True, width=300, color_system="256")
    with Progress(console=console) as progress:
        progress.add_task(HOSTILE.replace("[/bold]", ""))
    assert isinstance(console.file, io.StringIO)
    assert_inert(console.file.getvalue())
