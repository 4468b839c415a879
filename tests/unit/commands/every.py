"""Every command and its parameters."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from commands.app import COMMANDS, app


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group of commands, by what one types behind `bridge`."""
    yield (), get_command(app)
    for name, entry in COMMANDS.items():
        found = getattr(import_module(entry.module), entry.name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(name)(found)
            found = alone
        yield from _members((name,), get_command(found))


def _members(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    if isinstance(command, TyperGroup):
        for name, member in command.commands.items():
            yield from _members((*path, name), member)
