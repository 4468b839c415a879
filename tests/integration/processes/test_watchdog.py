"""The watchdog ends its process, here one for each test."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

_PATIENCE = 60
_STANDSTILL = 2.0
_UNREACHED = 12.0
"""Seconds: longer than a busy machine keeps a loop from its CPU."""

_PROGRAM = """
import asyncio, contextlib, ctypes, faulthandler, os, time
from bridge import watchdog
from bridge.log import configure_logging

configure_logging()
watchdog.STANDSTILL_S = {standstill}

def keeps_the_gil():
    ctypes.PyDLL(None).sleep({patience})

def blocks():
    time.sleep({patience})

def logs():
    os.write(2, b"a line" * 1_000_000)

def keeps_the_gil_where_stderr_is_full():
    os.set_blocking(2, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(2, b"x"):
            pass
    os.set_blocking(2, True)
    keeps_the_gil()

async def turns():
    print("turns", flush=True)
    for _ in range(12):
        time.sleep({standstill} / 10)  # often, and more than that all in all
        await asyncio.sleep(0)

async def calls(function, turns):
    for _ in range(turns):
        await asyncio.sleep(0)
    function()

async def lacks_a_thread():
    set_timer, fails = faulthandler.dump_traceback_later, [True]
    def set_or_fail(*args, **options):
        if fails:
            faulthandler.cancel_dump_traceback_later()  # as it does itself
            raise RuntimeError("unable to start watchdog thread")
        set_timer(*args, **options)
    faulthandler.dump_traceback_later = set_or_fail
    await asyncio.sleep(3.0)
    fails.clear()
    await asyncio.sleep(0.5)

async def fails():
    raise ValueError("of the work")

def work():
    {work}
work()
"""


def _started(work: str, standstill: float, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    program = _PROGRAM.format(work=work, standstill=standstill, patience=_PATIENCE)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=stderr, text=True)


def _ended(work: str, standstill: float = _STANDSTILL) -> tuple[int, str]:
    with _started(work, standstill) as process:
        _, errors = process.communicate(timeout=_PATIENCE)
    return process.returncode, errors


@pytest.mark.parametrize("turns", [0, 9])
def test_a_loop_that_a_call_into_c_holds_up_with_the_gil_ends_the_process(turns: int) -> None:
    code, errors = _ended(f"asyncio.run(watchdog.watched(calls(keeps_the_gil, {turns})))")
    assert code == 1
    assert "in keeps_the_gil" in errors


def test_a_loop_that_is_blocked_ends_the_process_and_is_logged_before() -> None:
    code, errors = _ended("asyncio.run(watchdog.watched(calls(blocks, 9)))")
    assert code == 1
    assert "in blocks" in errors
    line = json.loads(errors.splitlines()[0])
    assert (line["level"], line["logger"]) == ("critical", "bridge.watchdog")


@pytest.mark.parametrize("work", ["logs", "keeps_the_gil_where_stderr_is_full"])
def test_where_nobody_reads_the_log_it_ends_the_process_all_the_same(work: str) -> None:
    """Its stacks do not wait for room in a full pipe, for which the loop itself may wait."""
    with _started(f"asyncio.run(watchdog.watched(calls({work}, 9)))", _STANDSTILL) as process:
        try:
            assert process.wait(_PATIENCE / 2) == 1
        finally:
            process.kill()


@pytest.mark.parametrize("work", ["logs", "keeps_the_gil_where_stderr_is_full"])
def test_so_it_does_where_the_log_is_a_socket(work: str) -> None:
    """systemd's journal is one. A socket cannot be opened anew, so the stacks wait, and the system ends the process."""
    nobody, stderr = socket.socketpair()
    with (
        nobody,
        stderr,
        _started(f"asyncio.run(watchdog.watched(calls({work}, 9)))", _STANDSTILL, stderr.fileno()) as process,
    ):
        try:
            assert process.wait(_PATIENCE / 2) == -signal.SIGALRM
        finally:
            process.kill()


def test_so_it_does_where_the_log_is_a_terminal() -> None:
    """Of a container that has one, for example, or after Ctrl-S."""
    nobody, stderr = os.openpty()
    try:
        work = "keeps_the_gil_where_stderr_is_full"
        with _started(f"asyncio.run(watchdog.watched(calls({work}, 9)))", _STANDSTILL, stderr) as process:
            try:
                assert process.wait(_PATIENCE / 2) == -signal.SIGALRM
            finally:
                process.kill()
    finally:
        os.close(nobody)
        os.close(stderr)


def test_a_timer_that_could_not_be_set_once_ends_no_loop_that_turns() -> None:
    """Each takes a new thread, and there may be no room for one."""
    nobody, stderr = socket.socketpair()
    work = "watchdog._WRITE_S = 0.5; asyncio.run(watchdog.watched(lacks_a_thread()))"
    with nobody, stderr, _started(work, _STANDSTILL, stderr.fileno()) as process:
        assert process.wait(_PATIENCE / 2) == 0


def test_stacks_that_a_socket_takes_are_written_and_end_the_process() -> None:
    ours, stderr = socket.socketpair()
    with ours, _started("asyncio.run(watchdog.watched(calls(blocks, 9)))", _STANDSTILL, stderr.fileno()) as process:
        stderr.close()
        with ours.makefile() as errors:
            assert "in blocks" in errors.read()
    assert process.returncode == 1


def test_a_busy_loop_that_turns_goes_on() -> None:
    assert _ended("asyncio.run(watchdog.watched(turns()))", _UNREACHED) == (0, "")


def test_what_comes_after_the_loop_may_take_its_time() -> None:
    work = f"asyncio.run(watchdog.watched(asyncio.sleep(0))); time.sleep(1.2 * {_UNREACHED})"
    assert _ended(work, _UNREACHED) == (0, "")


def test_an_error_of_the_work_is_handed_on() -> None:
    code, errors = _ended("asyncio.run(watchdog.watched(fails()))", _UNREACHED)
    assert code == 1
    assert errors.endswith("ValueError: of the work\n")


def test_a_process_that_was_stopped_for_longer_ends_when_it_goes_on_or_does_its_work() -> None:
    """The timer's clock does not stop with the process, so it is chance whether the loop sets it anew first. The next
    process does what an ended one did not finish."""
    with _started("asyncio.run(watchdog.watched(turns()))", _STANDSTILL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "turns\n"
        process.send_signal(signal.SIGSTOP)
        subprocess.run(["sleep", str(_STANDSTILL + 1)], check=True)
        process.send_signal(signal.SIGCONT)
        _, errors = process.communicate(timeout=_PATIENCE)
    assert (process.returncode, "Timeout" in errors) in {(1, True), (0, False)}
