"""The console script `bridge`. Data goes to stdout, messages and progress to stderr.

Exit codes: 0 done, 1 found what it looks for (such as a failed check), 2 wrong use or a broken environment. Command
modules import what they need when they are called: `bridge --help` loads no Kafka client.
"""

import errno
import os
import sys
from typing import Final

from bridge.printable import say, say_traceback
from commands.streams import NobodyReadsError, NoRoomError, open_streams

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """Run the command that the command line names."""
    sys.excepthook = say_traceback  # before typer keeps the present one
    open_streams()
    _forget_faust_variables()
    from commands.app import app

    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # noqa: TID251 - the rest; Python would do it too late to report an error
    except NobodyReadsError:
        sys.exit(2)  # 1 would mean that something was found
    except NoRoomError as error:
        say(f"The output cannot be written: {error}.")
        sys.exit(2)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        say(f"{error.filename or 'A file'} cannot be written: {os.strerror(error.errno)}.")
        sys.exit(2)


def _forget_faust_variables() -> None:
    """Faust reads these when it is imported, and raises for a Service named `faust-web`, which sets
    `FAUST_WEB_PORT=tcp://…`; nothing here is set by them."""
    for name in [each for each in os.environ if each.startswith(("FAUST_", "F_"))]:
        del os.environ[name]
