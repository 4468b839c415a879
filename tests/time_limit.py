"""Ends pytest if a test takes too long, and says which test it was and what its tasks and all threads were doing.

pytest's own `faulthandler_timeout`, a minute later, remains for C code that keeps the GIL. It knows neither the test
nor what awaits, and a failing test calls it off before its teardown.
"""

import asyncio
import faulthandler
import gc
import os
from collections.abc import Generator, Iterator
from threading import Thread
from time import monotonic, sleep  # which tests may replace in their module
from traceback import StackSummary
from types import FrameType
from typing import Any, Final

import pytest

_EARLIER_S: Final = 60


def pytest_configure(config: pytest.Config) -> None:
    """Without a limit of pytest's (`-o faulthandler_timeout=0`) there is none here."""
    if (limit_s := float(config.getini("faulthandler_timeout")) - _EARLIER_S) > 0:
        config.pluginmanager.register(TimeLimit(limit_s))


class TimeLimit:
    """For each test, with setup and teardown of its fixtures. One thread watches all: to start one takes 0.1 ms."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._stderr = os.dup(2)  # while no test's output is captured
        self._running: tuple[str, float] | None = None
        Thread(target=self._watch, daemon=True).start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """The limit holds until the test ends, however it ends."""
        self._running = item.nodeid, monotonic() + self._limit_s
        try:
            return (yield)
        finally:
            self._running = None

    def pytest_enter_pdb(self) -> None:
        """A person in the debugger may take any time."""
        self._running = None

    def _watch(self) -> None:
        while True:
            sleep(1)
            running = self._running
            if running is not None and monotonic() > running[1]:
                self._end(running[0])

    def _end(self, nodeid: str) -> None:
        try:
            with os.fdopen(self._stderr, "w") as told:
                print(f"\nFAILED {nodeid}: not done after {self._limit_s:g} s", file=told, flush=True)
                faulthandler.dump_traceback(told)
                for task in _tasks():
                    stack = StackSummary.extract((frame, frame.f_lineno) for frame in _frames(task.get_coro()))
                    print(f"\n{task.get_name()} (most recent call last):\n", *stack.format(), sep="", end="", file=told)
        finally:
            os._exit(pytest.ExitCode.INTERRUPTED)


def _tasks() -> list[asyncio.Task[Any]]:
    """The tasks of every loop: asyncio tells them only in the loop's own thread."""
    return [each for each in gc.get_objects() if issubclass(type(each), asyncio.Task) and not each.done()]


def _frames(awaiting: Any) -> Iterator[FrameType]:
    while frame := getattr(awaiting, "cr_frame", None):
        yield frame
        awaiting = awaiting.cr_await
