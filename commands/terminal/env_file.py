"""Settings from a file, for the commands of one deployment: `bridge --env-file prod.env status`."""

import os
from pathlib import Path

from dotenv import dotenv_values

from bridge.printable import say
from bridge.settings.environment import PREFIX
from commands.terminal.output import fail


def take(path: Path) -> None:
    """Put the `BRIDGE_` variables of a file into the environment. What is there already stays, and is told where it
    differs: a forgotten `export` must not have a command work on another deployment in silence. Exits 2 if the file
    cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            found = dotenv_values(stream=file, interpolate=False)
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "it is no UTF-8 text"
        fail(f"--env-file: {path} cannot be read: {why}.")
    for name, value in found.items():
        if not name.startswith(PREFIX) or value is None:
            continue
        if os.environ.setdefault(name, value) != value:
            say(f"warning: {name} is taken from the environment; {path} has another value.")
