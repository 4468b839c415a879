"""Work that uses more CPU than its limit is given up, wherever it is. Time without CPU does not count."""

import contextlib
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from processors.engine import cpu_limit
from processors.engine.cpu_limit import TookTooLongError, within_cpu_limit

pytestmark = pytest.mark.thorough  # they use up CPU time

LIMIT_S = 0.05


@pytest.fixture(autouse=True)
def limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", LIMIT_S)
    monkeypatch.setattr(cpu_limit, "_AGAIN_S", 0.01)


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    assert (signal.getitimer(signal.ITIMER_PROF), cpu_limit._Running.since) == ((0.0, 0.0), None)


def spin() -> None:
    while True:
        pass


def catastrophic() -> None:
    """Stays within one call into C that looks for signals itself."""
    re.fullmatch(r"(a+)+b", "a" * 99)


def use(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def goes_on_after_all_errors() -> None:
    while True:
        with contextlib.suppress(Exception):
            spin()


def swallows_it_twice() -> None:
    for _ in range(2):
        with contextlib.suppress(BaseException):
            spin()
    spin()


@pytest.mark.parametrize("work", [spin, goes_on_after_all_errors, swallows_it_twice, catastrophic])
def test_what_does_not_end_is_given_up(work: Callable[[], None]) -> None:
    with pytest.raises(TookTooLongError, match=r"more than 0\.05 s of CPU"):
        within_cpu_limit(work)


def test_what_ends_gives_its_value_or_its_error() -> None:
    assert within_cpu_limit(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within_cpu_limit(lambda: 1 // 0)


def test_time_in_which_it_has_no_cpu_does_not_count() -> None:
    """Nor does the CPU of other threads count, though it makes the timer go off."""
    went_off, look = threading.Event(), cpu_limit._look

    def noticed(number: int, frame: object) -> None:
        went_off.set()
        look(number, frame)

    def use_until_it_went_off() -> None:
        while not went_off.is_set():
            pass

    others = threading.Thread(target=use_until_it_went_off, daemon=True)

    def waits() -> str:
        others.start()
        while not went_off.wait(0.01):
            pass
        others.join()
        return "done"

    with pytest.MonkeyPatch.context() as watched:
        watched.setattr(cpu_limit, "_look", noticed)
        assert within_cpu_limit(waits) == "done"


def test_a_signal_that_is_missed_is_not_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen once: the work never ended, nor did these tests."""
    told, look = list[int](), cpu_limit._look

    def misses_the_first(number: int, frame: object) -> None:
        told.append(number)
        if len(told) > 1:
            look(number, frame)

    monkeypatch.setattr(cpu_limit, "_look", misses_the_first)
    with pytest.raises(TookTooLongError):
        within_cpu_limit(lambda: use(100 * LIMIT_S))


def test_one_within_another_is_given_up_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the inner work, the outer count begins anew, and its limit holds."""
    limit_s = 2 * LIMIT_S  # leaves room, since work may use more CPU than it asks for
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", limit_s)

    def inner() -> str:
        use(0.6 * limit_s)
        with pytest.raises(TookTooLongError):
            within_cpu_limit(spin)
        use(0.6 * limit_s)
        return "done"

    def inner_and_more() -> None:
        inner()
        spin()

    assert within_cpu_limit(inner) == "done"
    with pytest.raises(TookTooLongError):
        within_cpu_limit(inner_and_more)


def test_it_may_come_while_the_work_is_being_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python looks for signals as a function begins, also the one that takes the limit off."""
    end = cpu_limit._end

    def late(outer: float | None) -> None:
        monkeypatch.setattr(cpu_limit, "_end", end)
        spin()

    monkeypatch.setattr(cpu_limit, "_end", late)
    with pytest.raises(TookTooLongError):
        within_cpu_limit(lambda: "done")


def test_another_thread_has_no_limit() -> None:
    done = list[str]()

    def work() -> None:
        use(2 * LIMIT_S)
        done.append("done")

    thread = threading.Thread(target=within_cpu_limit, args=[work], daemon=True)
    thread.start()
    thread.join()
    assert done == ["done"]
