"""A command of the bridge as a real process, without a terminal."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.integration.waiting import PATIENCE, wait_until

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended; a negative exit code is a signal."""

    exit_code: int
    stdout: str
    stderr: str


class Command:
    """Runs from now on; ``environment`` are its settings."""

    def __init__(self, environment: Mapping[str, str], arguments: Sequence[str]) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.exactly_once.child", *arguments],
            cwd=_ROOT,
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def result(self) -> Result:
        """Wait for its end."""
        stdout, stderr = self._process.communicate(timeout=PATIENCE)
        return Result(self._process.returncode, stdout, stderr)

    def wait_frozen(self) -> None:
        """Return once a SIGSTOP has stopped it."""
        wait_until("the command is frozen", self._is_frozen)

    def _is_frozen(self) -> bool:
        assert self._process.poll() is None, self.result()
        return os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None

    def go_on(self) -> None:
        """Thaw it."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As kill -9 does."""
        self._process.kill()

    def end(self) -> None:
        """Leave nothing of it, whatever its state."""
        self._process.kill()
        self._process.communicate()
