"""docs/command-line.md names what there is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup, TyperOption

from commands.app import app

TEXT = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text(encoding="utf-8")


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that can be run, by what one types."""
    if isinstance(command, TyperGroup):
        for name, member in command.commands.items():
            yield from commands(member, f"{path} {name}")
    else:
        yield path, command


COMMANDS = dict(commands(typer.main.get_command(app), "bridge"))


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_each_of_its_options_is_described(path: str) -> None:
    options = [option.opts[0] for option in COMMANDS[path].params if isinstance(option, TyperOption)]
    missing = [name for name in (path, *options) if name not in TEXT and name != "--output"]
    assert not missing
