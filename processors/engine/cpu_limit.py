"""How much CPU a handler may use before the event loop has its turn: what uses more is given up, as if it had raised.

Else one record would end each worker that reads it, again and again. Counted is what the thread has used, not the time:
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
"""Where code that must not be left, such as a `__del__`, has swallowed it; or another thread was told, as the system
chooses: a main thread that has the GIL and is asked by nobody for it may not hear of that (CPython before 3.13)."""


class TookTooLongError(Exception):
    """The handler would have kept the event loop for longer than a record may."""


class _GivenUp(BaseException):
    """Not one of the exceptions that handlers take for the record's fault and go on after: they were left anywhere."""


class _Running:
    """Of the main thread; only that one hears of signals. `since`: its CPU time when it began; None: nothing runs."""

    since: float | None = None


def within_cpu_limit(work: Callable[[], _T]) -> _T:
    """What ``work`` gives; of what it has changed nothing may be used where it does not end.

    TookTooLongError: it used more than ``CPU_LIMIT_S`` of CPU. Where it is within another one, that one's count begins
    anew. On other threads than the main one there is no limit.
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
    except _GivenUp:  # also from within what has just been tried to end
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
    """The timer's, which counts the other threads, too."""
    if _Running.since is None:
        return
    left = CPU_LIMIT_S - (time.thread_time() - _Running.since)
    if left <= 0:
        raise _GivenUp
    signal.setitimer(signal.ITIMER_PROF, left, _AGAIN_S)
