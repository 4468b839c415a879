"""The console script `bridge`. Data goes to stdout, messages and progress to stderr.

Exit codes: 0 done, 1 found what it looks for (a failed check), 2 wrong use or a broken environment.
Command modules import what they need when they are called: `bridge --help` loads no Kafka client.
"""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Final

from bridge.printable import say, say_traceback

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """Run the command that the command line names."""
    sys.excepthook = say_traceback  # before typer keeps the one that it finds
    _open_closed_streams()
    stdout = sys.stdout  # noqa: TID251 - it is not written to
    if isinstance(stdout, io.TextIOWrapper):  # one that is no UTF-8 has no place for "·", nor for most names
        stdout.reconfigure(errors="backslashreplace")  # as stderr does by itself
    from commands.app import app

    try:
        app()
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        say(f"{error.filename or 'The output'} cannot be written: {os.strerror(error.errno)}.")
        sys.exit(2)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # typer ends with 1 then, which here is what was found
            sys.exit(2)
        raise


def _open_closed_streams() -> None:
    """Whoever has closed one (`2>&-`) wants nothing of it; but Python has None there, and gives its number to the next
    file or connection that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - until the process ends
