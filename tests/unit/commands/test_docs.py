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
    """Every command that can be run, by what one types, with its own options, not those of its stand-in."""
    found = command.make_context(path, [], resilient_parsing=True).command
    if isinstance(found, TyperGroup):
        for name, member in found.commands.items():
            yield from commands(member, f"{path} {name}")
    else:
        yield path, found


COMMANDS = dict(commands(typer.main.get_command(app), "bridge"))


def test_commands_of_commands_and_their_options_are_looked_at() -> None:
    assert "bridge schema ddl" in COMMANDS
    assert any("--table" in option.opts for option in COMMANDS["bridge schema ddl"].params)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_each_of_its_options_is_described(path: str) -> None:
    options = [option.opts[0] for option in COMMANDS[path].params if isinstance(option, TyperOption)]
    missing = [name for name in (path, *options) if name not in TEXT and name != "--output"]
    assert not missing
