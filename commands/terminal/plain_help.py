"""The help of commands as plain text: in words for people, and with nothing cut."""

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
"""What is called otherwise in Python. Choices are what they are."""


def plain(command: Any) -> Any:
    """Return a command, with those below it, that tells its help so."""
    command.context_class = _Context
    if isinstance(command, TyperGroup):
        for member in command.commands.values():
            member.short_help = " ".join((member.help or "").split("\n\n")[0].split())
            plain(member)
    return command


class _Context(typer.Context):
    def make_formatter(self) -> Any:
        """Called for a page of help. The formatter's class has no public name to be derived from."""
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
    if not name.startswith("-"):  # an argument: its name says what it is
        return name[: found.start()]
    return f"{name[: found.start()]} {_WORDS.get(found[1], f'<{found[1]}>')}"
