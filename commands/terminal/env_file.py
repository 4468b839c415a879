"""Settings from a file: `bridge --env-file prod.env status`."""

import os
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from bridge.printable import say
from bridge.settings.environment import MOST_BYTES, PREFIX
from commands.terminal.output import fail


def take(path: Path) -> None:
    """Put the `BRIDGE_` variables of a file into the environment. A variable that is already set stays.

    A warning names it if the file has another value or none: a forgotten `export` must not silently point a command at
    another deployment. Exits 2 if the file, or a line of it, cannot be read.
    """
    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(_text(path))):
        name, value = binding.key, binding.value
        if binding.error or "=" in (name or "") or (name is not None and value is None):
            fail(f"--env-file: line {_line(binding)} of {path} is no NAME=value.")
        if name is not None and value is not None and name.startswith(PREFIX):
            found[name] = value
    for name in sorted(name for name in os.environ if name.startswith(PREFIX) and name not in found):
        say(f"warning: {name} is taken from the environment; {path} does not have it.")
    for name, value in found.items():
        if os.environ.setdefault(name, value) != value:
            say(f"warning: {name} is taken from the environment; {path} has another value.")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "this is no path"
        fail(f"--env-file: {path} cannot be read: {why}.")
    if len(content) > MOST_BYTES:
        fail(f"--env-file: {path} cannot be read: it has more than {MOST_BYTES >> 10} KiB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"--env-file: {path} cannot be read: it is no UTF-8 text.")
    if "\0" in text:
        fail(f"--env-file: {path} cannot be read: it has a NUL.")
    return text


def _line(binding: Binding) -> int:
    """The line of the statement itself: the parser counts from the empty lines before it."""
    blank = binding.original.string[: -len(binding.original.string.lstrip()) or None]
    return binding.original.line + blank.count("\n")
