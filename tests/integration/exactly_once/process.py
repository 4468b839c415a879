"""How a service or command of the bridge is started as a process, and what its starter does with it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

ROOT: Final = Path(__file__).parents[3]


class Process(Protocol):
    """A child of ours, as `subprocess.Popen` has it."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def returncode(self) -> int | None:
        """What ``poll`` or ``wait`` last found."""

    def poll(self) -> int | None:
        """Exit code, negative for a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The same once the process has ended. subprocess.TimeoutExpired: it has not within so many seconds."""

    def send_signal(self, sig: int) -> None:
        """Nothing happens if it has ended."""

    def kill(self) -> None:
        """As kill -9 does."""


class Start(Protocol):
    """``arguments`` are for `bridge`, ``settings`` are its environment variables, and it writes to the descriptors."""

    def __call__(self, arguments: Sequence[str], settings: Mapping[str, str], stdout: int, stderr: int) -> Process:
        """The process runs on return."""


def start_bare(
    arguments: Sequence[str],
    settings: Mapping[str, str],
    stdout: int,
    stderr: int,
    wrapper: Sequence[str] = (),
) -> Process:
    """Start it in an interpreter of its own. ``wrapper``: a command that runs the rest of its arguments in its own
    place."""
    return subprocess.Popen(
        [*wrapper, sys.executable, "-m", "tests.integration.exactly_once.child", *arguments],
        cwd=ROOT,
        env=environment_of(settings),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
    )


def environment_of(settings: Mapping[str, str]) -> dict[str, str]:
    """All variables of a process: these settings, and ours that are none of the bridge's."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}, **settings}
