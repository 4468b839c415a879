"""Limits the CPU that a handler uses before the event loop has its turn. A handler that uses more is given up, as if it
had raised.

Otherwise one record would end each worker that reads it, again and again. The CPU of the thread counts, not the time:
neither a frozen process nor a busy machine makes a record slow. A call into C that does not come back cannot be given
up; there the watchdog ends the process.
"""

import signal
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

CPU_LIMIT_S: Final = 10.0

_T = TypeVar("_T")
_AGAIN_S: Final = 0.1
"""Seconds until the next signal. The first one may be lost in code that must not be left, such as a `__del__`. Or the
system has told another thread: a main thread that has the GIL, which nobody asks for, may not hear of it (CPython
before 3.13)."""


class TookTooLongError(Exception):
    """The handler used more CPU than it may before the event loop has its turn."""


class _GivenUp(BaseException):
    """A BaseException, since handlers may catch an Exception as the record's fault and go on; but this one has
    interrupted them anywhere."""


class _Running:
    """The work on the main thread, the only one that hears of signals. `since`: the thread's CPU time when the work
    began; None: nothing runs."""

    since: float | None = None


def within_cpu_limit(work: Callable[[], _T]) -> _T:
    """What ``work`` returns. If it does not end, nothing that it has changed may be used.

    TookTooLongError: it used more than ``CPU_LIMIT_S`` of CPU. After a nested call the outer call's count begins anew.
    Threads other than the main one have no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    outer = _Running.since
    try:
        _begin()
        try:
            return work()
        finally:
            _end(outer)
    except _GivenUp:  # it may be raised within _end above, too
        _end(outer)
        raise TookTooLongError(f"more than {CPU_LIMIT_S:g} s of CPU") from None


def _begin() -> None:
    if signal.getsignal(signal.SIGPROF) is not _look:
        signal.signal(signal.SIGPROF, _look)
    _Running.since = time.thread_time()
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT_S, _AGAIN_S)


def _end(outer: float | None) -> None:
    _Running.since = None if outer is None else time.thread_time()
    if outer is None:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _look(_number: int, _frame: Any) -> None:
    """Handle the timer's signal. The timer counts all threads' CPU, so the main thread's own is looked at here."""
    if _Running.since is None:
        return
    left = CPU_LIMIT_S - (time.thread_time() - _Running.since)
    if left <= 0:
        raise _GivenUp
    signal.setitimer(signal.ITIMER_PROF, left, _AGAIN_S)
