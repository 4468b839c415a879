"""How long a service takes to say that it lives, of the time in which it could have said so.

A crowded machine, or a fault that stopped the process, is no fault of the service. So time does not count while the
process was stopped, or while its main thread or ours waited for a processor. Nor does the longest wait of any other of
its threads: that thread may have held the interpreter, which nobody can tell.
"""

import select
import socket
import time
from pathlib import Path
from typing import Protocol

LIMIT_S = 2.0
_GIVE_UP = 15.0
_TICK = 0.1
_REQUEST = b"GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"
_ALIVE = b"HTTP/1.1 200"


class Probed(Protocol):
    """A service, as far as a probe needs it."""

    port: int
    told_to_end: bool

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""


class Stopwatch:
    """Measures the seconds in which a process could have run. `proc`: where the kernel tells about it."""

    def __init__(self, pid: int, proc: Path = Path("/proc")) -> None:
        self._own, self._process, self._main = proc / "thread-self" / "schedstat", proc / str(pid), str(pid)
        self._started = self._ticked = time.monotonic()
        self._before = self._waited()
        self._stopped = 0.0

    def tick(self) -> None:
        """Count the time since the last call, unless the process is stopped. To be called many times a second."""
        now = time.monotonic()
        if self._is_stopped():
            self._stopped += now - self._ticked
        self._ticked = now

    @property
    def seconds(self) -> float:
        """The seconds so far."""
        waited = {thread: at - self._before.get(thread, 0.0) for thread, at in self._waited().items()}
        ours, main = waited.pop("", 0.0), waited.pop(self._main, 0.0)
        lost = ours + main + max(waited.values(), default=0.0)
        return max(0.0, self._ticked - self._started - self._stopped - lost)

    def _waited(self) -> dict[str, float]:
        """The seconds that each thread of the process has ever waited for a processor; under no name, those of this
        thread."""
        files = {"": self._own}
        try:
            files |= {task.name: task / "schedstat" for task in (self._process / "task").iterdir()}
        except OSError:  # it has ended
            return {}
        return {thread: _waiting(file) for thread, file in files.items()}

    def _is_stopped(self) -> bool:
        try:
            return (self._process / "stat").read_text().rpartition(")")[2].split()[0] in {"T", "t"}
        except OSError:
            return False


def _waiting(schedule: Path) -> float:
    try:
        return int(schedule.read_text().split()[1]) / 1e9
    except OSError:  # it has ended, or the kernel does not tell
        return 0.0


def seconds_to_answer(service: Probed) -> float | None:
    """Seconds. None: the service has ended meanwhile, or is about to. Gives up after some 15 s."""
    watch = Stopwatch(service.pid)
    while not (answered := _answer(service, watch)) and watch.seconds < _GIVE_UP:
        if not service.runs or service.told_to_end:
            return None
        watch.tick()
        time.sleep(_TICK)
    return watch.seconds if (service.runs and not service.told_to_end) or answered else None


def _answer(service: Probed, watch: Stopwatch) -> bool:
    """Ask once. False: it was refused, the answer was not 200, or none came for too long."""
    try:
        with socket.create_connection(("127.0.0.1", service.port), _TICK) as connection:
            connection.sendall(_REQUEST)
            while service.runs and watch.seconds < _GIVE_UP:
                readable = select.select([connection], [], [], _TICK)[0]
                watch.tick()
                if readable:
                    return connection.recv(64).startswith(_ALIVE)
    except OSError:
        watch.tick()
    return False
