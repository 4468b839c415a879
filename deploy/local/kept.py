"""Our end of a process that a keeper (keeper.py) runs for us."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

KEEPER = Path(__file__).with_name("keeper.py")


class KeptProcess:
    """`command`, running in `directory` until `release`, `kill`, or the end of this Python process."""

    def __init__(self, directory: Path, command: list[str]) -> None:
        self._wire, theirs = socket.socketpair()
        with theirs:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", str(KEEPER), str(directory), *command],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                start_new_session=True,  # a signal that ends us must not end the keeper
            )
        self._says = self._wire.makefile("r")
        self.pid = int(self._says.readline().split()[1])

    def is_running(self) -> bool:
        """Whether the process itself runs, not its keeper."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL the process and wait for its end; the directory stays as it is."""
        os.killpg(self.pid, signal.SIGKILL)
        self._says.readline()

    def release(self, *, keep: bool) -> None:
        """Let the keeper stop the process in order, remove the directory unless `keep`, and end."""
        if keep:
            self._wire.sendall(b"keep\n")
        self._wire.shutdown(socket.SHUT_WR)
        self._keeper.wait()
        self._says.close()
        self._wire.close()
