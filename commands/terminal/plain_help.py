"""Help of commands as plain text, with words for types and nothing cut."""

import re
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

_TYPE: Final = re.compile(r" <(?:list\[)?(.+?)\]?>(\.\.\.)?$")
_WORDS: Final = {
    "str": "TEXT",
    **dict.fromkeys(("int", "float", "int range", "float range"), "NUMBER"),
    "path": "PATH",
    "file": "FILE",
    "dir": "FOLDER",
}
"""Python types in plain words. Choices stay as they are."""


def plain(command: Any) -> Any:
    """Make a command and its subcommands print such help; return it."""
    command.context_class = _Context
    if isinstance(command, TyperGroup):
        for member in command.commands.values():
            member.short_help = " ".join((member.help or "").split("\n\n")[0].split())
            plain(member)
    return command


class _Context(typer.Context):
    def make_formatter(self) -> Any:
        """Called for each help page. The formatter's class has no public name to derive from."""
        formatter: Any = super().make_formatter()
        write = formatter.write_dl

        def write_in_words(rows: Sequence[tuple[str, str]], *sizes: Any, **named: Any) -> None:
            write([(_in_words(name), text) for name, text in rows], *sizes, **named)

        formatter.write_dl = write_in_words  # called for each table of arguments, options or commands
        return formatter


def _in_words(name: str) -> str:
    found = _TYPE.search(name)
    if found is None:
        return name
    if not name.startswith("-"):  # an argument, whose name says enough
        return name[: found.start()]
    return f"{name[: found.start()]} {_WORDS.get(found[1], f'<{found[1]}>')}"
