"""Starts services and commands by fork of one process that has imported them (`fork_server.py`): children of ours like
any.

Starting an interpreter and importing the bridge takes a second of CPU, for each of hundreds of processes."""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from tests.integration.exactly_once.process import ROOT, Process, environment_of, start_bare

_PR_SET_CHILD_SUBREAPER: Final = 36
_REPLACED_BEFORE_IMPORT: Final = frozenset({"BRIDGE_TEST_CLOCK"})
"""Variables for which `child.py` replaces what modules copy into default values on import: processes with these are not
forked."""
_MOST_BYTES: Final = 64


class ForkServer:
    """Ends on ``close``, and with us. Libraries that read the environment on import see that of the server's start."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._turn = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.integration.exactly_once.fork_server",
                    str(theirs.fileno()),
                    str(os.getpid()),
                ],
                cwd=ROOT,
                env=environment_of({}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(self, arguments: Sequence[str], settings: Mapping[str, str], stdout: int, stderr: int) -> Process:
        """As `start_bare`. ConnectionError: the server has ended."""
        if not _REPLACED_BEFORE_IMPORT.isdisjoint(settings):
            return start_bare(arguments, settings, stdout, stderr)
        request = json.dumps([arguments, environment_of(settings)]).encode()
        with self._turn, _adopting_orphans():
            socket.send_fds(self._socket, [request], [stdout, stderr])
            pid = self._socket.recv(_MOST_BYTES)
        if not pid:
            raise ConnectionError("the fork server has ended")
        return Forked(int(pid), arguments)

    def close(self) -> None:
        """Processes that it has started run on."""
        self._socket.close()
        self._process.wait()


@contextmanager
def _adopting_orphans() -> Iterator[None]:
    """A descendant whose parent ends meanwhile becomes our child. No longer than needed: nobody here would wait for
    others."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


class Forked:
    """A child that `subprocess` has not started. Several threads may use it."""

    def __init__(self, pid: int, arguments: Sequence[str]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._arguments, self._asking = arguments, threading.Lock()

    def poll(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""
        with self._asking:
            if self.returncode is None:
                ended, status = os.waitpid(self.pid, os.WNOHANG)
                self.returncode = os.waitstatus_to_exitcode(status) if ended else None
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The same once the process has ended. subprocess.TimeoutExpired: it has not within so many seconds."""
        if self.poll() is None:
            ending = os.pidfd_open(self.pid)
            try:
                poll = select.poll()
                poll.register(ending, select.POLLIN)
                poll.poll(None if timeout is None else timeout * 1000)
            finally:
                os.close(ending)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self._arguments, timeout or 0.0)
        return code

    def send_signal(self, sig: int) -> None:
        """Nothing happens if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """As kill -9 does."""
        self.send_signal(signal.SIGKILL)
