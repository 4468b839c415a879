"""How long a service takes to say that it lives, of the time in which it could have said so.

A machine that is crowded, and a process that a fault has stopped, are no fault of the service: time that its main
thread, or ours, waited for a processor does not count, nor time in which it was stopped.
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
        """Its process."""

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""


class Stopwatch:
    """Seconds in which a process could have run."""

    def __init__(self, pid: int) -> None:
        self._schedule = Path(f"/proc/{pid}/schedstat"), Path("/proc/thread-self/schedstat")
        self._state = Path(f"/proc/{pid}/stat")
        self._started = self._ticked = time.monotonic()
        self._waited = self._waiting()
        self._stopped = 0.0

    def tick(self) -> None:
        """To be called many times a second: what passed since the last call counts unless it is stopped."""
        now = time.monotonic()
        if self._is_stopped():
            self._stopped += now - self._ticked
        self._ticked = now

    @property
    def seconds(self) -> float:
        """So far."""
        waited = self._waiting() - self._waited
        return max(0.0, self._ticked - self._started - self._stopped - waited)

    def _waiting(self) -> float:
        """Seconds that both threads have waited for a processor, ever."""
        try:
            return sum(int(path.read_text().split()[1]) for path in self._schedule) / 1e9
        except OSError:  # it has ended, or the kernel does not tell
            return 0.0

    def _is_stopped(self) -> bool:
        try:
            return self._state.read_text().rpartition(")")[2].split()[0] in {"T", "t"}
        except OSError:
            return False


def seconds_to_answer(service: Probed) -> float | None:
    """None: it has ended meanwhile, or is about to. After some 15 s nobody waits any longer."""
    watch = Stopwatch(service.pid)
    while not (answered := _answer(service, watch)) and watch.seconds < _GIVE_UP:
        if not service.runs or service.told_to_end:
            return None
        watch.tick()
        time.sleep(_TICK)
    return watch.seconds if (service.runs and not service.told_to_end) or answered else None


def _answer(service: Probed, watch: Stopwatch) -> bool:
    """Ask once; False: refused, or something else than 200, or nothing for too long."""
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
