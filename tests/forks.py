"""Tests run in forks of the pytest that has collected them, one fork for each processor: ``pytest -p tests.forks``.

A worker of xdist is an interpreter of its own, which imports and collects all tests once more. On two cores, that took
a quarter of `make unit`. Warnings that are no errors are not told.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from ctypes import c_int
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import Any, Final

import pytest

_FORKING: Final = get_context("fork")
_NONE: Final = -1
_OF_THE_TERMINAL: Final = ("terminalreporter", "terminalprogress-plugin")
"""pytest's plugins that print: that is for the session."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Instead of pytest's own, which is left with what it does for no test, and for a debugger."""
    if session.testsfailed or session.config.option.collectonly or session.config.option.usepdb:
        return None
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all, which pytest removes
    tests = Tests(session.items)
    with ExitStack() as stack:
        forks = [stack.enter_context(Fork(session, tests)) for _ in range(os.cpu_count() or 1)]
        told = _tell(session, {each.reports: each for each in forks})
    if missing := len(session.items) - told:
        session.shouldfail = f"{missing} tests did not run: the process that was to run them had ended"
        raise session.Failed(session.shouldfail)
    return True


def _tell(session: pytest.Session, forks: dict[Any, "Fork"]) -> int:
    """Give pytest's plugins, which print and count, what comes from the forks, until all have ended; return of how many
    tests."""
    hook, tests = session.config.hook, 0
    while forks:
        for each in wait([*forks]):
            reports = forks[each].hear()
            if reports is None:
                reports = forks.pop(each).unfinished()
            for report in reports:
                hook.pytest_runtest_logreport(report=report)
            if reports:
                hook.pytest_runtest_logfinish(nodeid=reports[0].nodeid, location=reports[0].location)
                tests += 1
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
    return tests


class Tests:
    """What all forks take from, file by file: so what is set up for a file is set up once."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self.items = items
        ends = [0]
        for _file, those in groupby(items, key=lambda item: item.path):
            ends.append(ends[-1] + len([*those]))
        self._ends = ends
        self._turn = _FORKING.Value(c_int, 0)

    def taken(self) -> Iterator[int]:
        """Places of tests that no other fork has."""
        while (turn := self._next_turn()) < len(self._ends) - 1:
            yield from range(self._ends[turn], self._ends[turn + 1])

    def _next_turn(self) -> int:
        with self._turn.get_lock():
            self._turn.value += 1
            return self._turn.value - 1


class Fork:
    """A process that runs tests; entered once, and ended on exit, whatever it is at."""

    def __init__(self, session: pytest.Session, tests: Tests) -> None:
        self._session = session
        self._tests = tests
        self._running = _FORKING.RawValue(c_int, _NONE)
        self.reports, self._reporting = _FORKING.Pipe(duplex=False)
        self._process = _FORKING.Process(target=self._run)

    def __enter__(self) -> "Fork":
        self._process.start()
        self._reporting.close()  # so that the pipe ends when the fork does
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def hear(self) -> list[pytest.TestReport] | None:
        """Return the reports of one test, None at the end."""
        try:
            told = self.reports.recv()
        except EOFError:
            return None
        config = self._session.config
        return [config.hook.pytest_report_from_serializable(config=config, data=each) for each in told]

    def unfinished(self) -> list[pytest.TestReport]:
        """Return the report of the test amid which the fork ended, if any."""
        self._process.join()
        if self._running.value == _NONE:
            return []
        item = self._tests.items[self._running.value]
        why = f"The process that ran this test ended with exit code {self._process.exitcode}."
        return [pytest.TestReport(item.nodeid, item.location, {}, "failed", why, "call")]

    def _run(self) -> None:
        self.reports.close()  # else a fork that nobody hears would wait for it
        plugins = self._session.config.pluginmanager
        for name in _OF_THE_TERMINAL:
            if plugins.has_plugin(name):
                plugins.unregister(name=name)
        reports = _Reports(self._session.config)
        plugins.register(reports)
        if (captured := plugins.get_plugin("capturemanager")) is not None:
            captured.stop_global_capturing()  # its file is one for all forks
            captured.start_global_capturing()
        with suppress(KeyboardInterrupt):  # which the session tells
            for place, item, following in self._mine():
                self._running.value = place
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                self._reporting.send(reports.taken())
                self._running.value = _NONE

    def _mine(self) -> Iterator[tuple[int, pytest.Item, pytest.Item | None]]:
        """Each test with its place, and the one after it: pytest keeps what both are set up with."""
        places = self._tests.taken()
        place = next(places, None)
        while place is not None:
            following = next(places, None)
            items = self._tests.items
            yield place, items[place], None if following is None else items[following]
            place = following


class _Reports:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reports: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        self._reports.append(hook.pytest_report_to_serializable(config=self._config, report=report))

    def taken(self) -> list[dict[str, Any]]:
        taken, self._reports = self._reports, []
        return taken
