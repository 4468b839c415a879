"""A command of the bridge as a real process, without a terminal."""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from tests.integration.exactly_once.process import Start, start_bare
from tests.integration.waiting import PATIENCE, wait_until


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended; a negative exit code is a signal."""

    exit_code: int
    stdout: str
    stderr: str


class Command:
    """The command starts at once; ``environment`` has its settings."""

    def __init__(self, environment: Mapping[str, str], arguments: Sequence[str], start: Start = start_bare) -> None:
        self._outputs = TemporaryFile("w+"), TemporaryFile("w+")  # noqa: SIM115 - open until the end
        self._process = start(arguments, environment, *(each.fileno() for each in self._outputs))
        self._result: Result | None = None

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def result(self) -> Result:
        """Wait for the command's end."""
        if self._result is None:
            code = self._process.wait(PATIENCE)
            self._result = Result(code, *map(_read, self._outputs))
        return self._result

    def wait_frozen(self) -> None:
        """Return once a SIGSTOP has stopped the command."""
        wait_until("the command is frozen", self._is_frozen)

    def _is_frozen(self) -> bool:
        assert self._process.poll() is None, self.result()
        return os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None

    def go_on(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        """As kill -9 does."""
        self._process.kill()

    def end(self) -> None:
        """Leave nothing of the command."""
        self._process.kill()
        self._process.wait()
        for each in self._outputs:
            each.close()


def _read(file: IO[str]) -> str:
    with file:
        file.seek(0)
        return file.read()
