"""A watchdog outside of the event loop: it ends a process whose loop stands still, so that it is started anew.

Neither the loop nor a Python thread would do: a call into C that never returns and keeps the GIL stops both. The timer
is `faulthandler`'s, a thread of C that needs no GIL; it writes the stacks of all threads to stderr and exits with 1.
"""

import asyncio
import contextlib
import faulthandler
import os
import signal
import stat
import threading
import time
from collections.abc import Awaitable, Iterator
from typing import Final, TypeVar

from bridge.log import get_logger

STANDSTILL_S: Final = 30.0

log = get_logger(__name__)

_T = TypeVar("_T")
_STDERR: Final = 2
"""The descriptor: a Python object in its place could not be written to without the GIL."""
_WRITE_S: Final = 5.0
"""So long the stacks may wait for a reader."""
_BEATS: Final = 30
"""Beats within `STANDSTILL_S`."""


async def watched(work: Awaitable[_T]) -> _T:
    """What `work` gives. Meanwhile the process ends with exit code 1 once the running loop has not turned for 30 s. It
    ends by SIGALRM 5 s later if its stacks still wait for a reader of stderr by then.

    The clock is the system's monotonic one: a process that was stopped (SIGSTOP) for that long may end when it goes on.
    """
    with _stacks() as file:
        _arm(file)
        beating = asyncio.create_task(_beat(file), name="watchdog")
        try:
            return await work
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def _stacks() -> Iterator[int]:
    """Where the stacks go: to stderr. If that is a pipe that is full because nobody reads it, they are dropped:
    `faulthandler` would wait to write them and never exit, just when the loop waits to log."""
    file = _STDERR
    with contextlib.suppress(OSError):  # it is closed, there is no /proc, or the pipe is another user's
        if stat.S_ISFIFO(os.fstat(_STDERR).st_mode):
            # Opened anew, so that other writers to it do not fail when it is full.
            file = os.open(f"/proc/self/fd/{_STDERR}", os.O_WRONLY | os.O_NONBLOCK)
    try:
        yield file
    finally:
        if file != _STDERR:
            os.close(file)


def _arm(file: int) -> None:
    """RuntimeError: the system gives no thread for `faulthandler`'s timer."""
    if _may_wait(file):
        # The system's timer needs no GIL either, and waits for nothing. Python has no handler for its signal.
        signal.setitimer(signal.ITIMER_REAL, STANDSTILL_S + _WRITE_S)
    faulthandler.dump_traceback_later(STANDSTILL_S, exit=True, file=file)


def _may_wait(file: int) -> bool:
    """Whether what writes to `file` may wait for a reader. A socket, such as that of systemd's journal, cannot be
    opened anew."""
    try:
        return os.get_blocking(file) and not stat.S_ISREG(os.fstat(file).st_mode)
    except OSError:  # it is closed
        return False


async def _beat(file: int) -> None:
    witness = _Witness(STANDSTILL_S / 2)
    try:
        while True:
            with contextlib.suppress(RuntimeError):  # the next beat may get a thread
                _arm(file)
            witness.beats += 1
            await asyncio.sleep(STANDSTILL_S / _BEATS)
    finally:
        witness.stopped.set()


class _Witness:
    """Logs a standstill half-way: a line like any other, for machines that read the log; it needs the GIL."""

    def __init__(self, patience_s: float) -> None:
        self.beats, self.stopped = 0, threading.Event()
        threading.Thread(target=self._watch, args=[patience_s], name="watchdog", daemon=True).start()

    def _watch(self, patience_s: float) -> None:
        seen, since = self.beats, time.monotonic()
        while not self.stopped.wait(patience_s / 4):
            now = time.monotonic()
            if self.beats != seen:
                seen, since = self.beats, now
            elif now - since > patience_s:
                log.critical("the event loop stands still; the process ends if it goes on", seconds=round(now - since))
                since = now
