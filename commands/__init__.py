"""The console script `bridge`. Data goes to stdout, messages and progress to stderr.

Exit codes: 0 done, 1 found what it looks for (a failed check), 2 wrong use or a broken environment.
Command modules import what they need when they are called: `bridge --help` loads no Kafka client.
"""

import io
import sys

from bridge.printable import say_traceback


def main() -> None:
    """Run the command that the command line names."""
    sys.excepthook = say_traceback  # before typer keeps the one that it finds
    stdout = sys.stdout  # noqa: TID251 - it is not written to
    if isinstance(stdout, io.TextIOWrapper):  # one that is no UTF-8 has no place for "·", nor for most names
        stdout.reconfigure(errors="backslashreplace")  # as stderr does by itself
    from commands.app import app

    app()
