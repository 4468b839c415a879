"""The processes of a contender, and what they take of the machine."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local.environment import BrokenEnvironment
from deploy.local.kept import KeptProcess
from deploy.local.service import WORKPLACE

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Processes:
    """Each process has its own directory, which is removed with it."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        WORKPLACE.mkdir(exist_ok=True)
        self._commands = [["sh", "-c", 'exec "$@" >>output.log 2>&1', "sh", *each] for each in commands]
        self._directories = [Path(tempfile.mkdtemp(prefix="peer-", dir=WORKPLACE)) for _ in commands]
        self._running = [self._start(number) for number in range(len(commands))]

    def _start(self, number: int) -> KeptProcess:
        return KeptProcess(self._directories[number], self._commands[number])

    def cpu_seconds(self) -> float:
        """The CPU time of all together. BrokenEnvironment: a process has ended, with its last words."""
        self.check()
        return sum(cpu_seconds(each.pid) for each in self._running)

    def rss_mb(self) -> float:
        """The largest resident sets so far, of all together."""
        return sum(_peak_rss_mb(each.pid) for each in self._running)

    def check(self) -> None:
        """BrokenEnvironment: a process has ended by itself, with its last words."""
        for process, directory in zip(self._running, self._directories, strict=True):
            if not process.is_running():
                lines = (directory / "output.log").read_text(errors="replace").splitlines()
                raise BrokenEnvironment(f"It has ended by itself; it said: {' '.join(lines[-3:])}")

    def kill(self) -> None:
        """Send SIGKILL to all; what they have on disk stays."""
        for process in self._running:
            process.kill()

    def restart(self) -> None:
        """Start new processes in the directories of those that were killed."""
        for number, process in enumerate(self._running):
            process.release(keep=True)
            self._running[number] = self._start(number)

    def stop(self) -> None:
        """Stop all in order."""
        for process in self._running:
            process.release(keep=False)


def _peak_rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def running(commands: Sequence[Sequence[str]]) -> Iterator[Processes]:
    """Run the processes during the block."""
    processes = Processes(commands)
    try:
        yield processes
    finally:
        processes.stop()
