"""One service of the bridge as a process that ends when we do."""

import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.error import HTTPError

from deploy.local.environment import BrokenEnvironment
from deploy.local.kept import KeptProcess

WORKPLACE: Final = Path(__file__).parents[2] / ".local"

_READY_WITHIN_S: Final = 60.0
_POLL_S: Final = 0.1
_STACK: Final = re.compile(r"\s|(Current )?[Tt]hread 0x")
"""Matches lines of the stacks that a service writes when it stands still. Their last line is where Python begins."""


class Service:
    """`bridge NAME` with our environment's settings, in its own directory, which `stop` or our end removes.

    `log`: a file for its output, which stays.
    """

    def __init__(self, name: str, port: int, log: Path | None = None) -> None:
        WORKPLACE.mkdir(exist_ok=True)
        directory = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=WORKPLACE))
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.log = log or directory / "output.log"
        self._stays = log is not None
        redirected = ["sh", "-c", 'exec "$0" -m commands "$1" >"$2" 2>&1', sys.executable, name, str(self.log)]
        self._process = KeptProcess(directory, redirected)

    def wait_until_ready(self) -> None:
        """Return once `/readyz` says so. BrokenEnvironment: the service ended, or is not ready in time."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while (problem := self._not_ready()) is not None:
            if not self.is_running():
                raise BrokenEnvironment(self.obituary())
            if time.monotonic() > deadline:
                raise BrokenEnvironment(f"The {self.name} is not ready after {_READY_WITHIN_S:g} s: {problem}")
            time.sleep(_POLL_S)

    def is_running(self) -> bool:
        """Whether the service itself runs."""
        return self._process.is_running()

    def obituary(self) -> str:
        """Return what to tell people once the service has ended by itself."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        where = f"; all of it is in {self.log}" if self._stays else ""
        return f"The {self.name} has ended by itself; it said: {last_words(lines)}{where}"

    def stop(self) -> None:
        """SIGTERM, wait for the end, remove the directory."""
        self._process.release(keep=False)

    def _not_ready(self) -> str | None:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz?verbose", timeout=5):  # noqa: S310 - our own address
                return None
        except HTTPError as answer:
            return " ".join(answer.read().decode(errors="replace").split())
        except OSError as error:
            return str(error)


def last_words(lines: Sequence[str]) -> str:
    """Return the last line of a service's output that is not of a stack."""
    return next((line for line in reversed(lines) if line.strip() and not _STACK.match(line)), "nothing")
