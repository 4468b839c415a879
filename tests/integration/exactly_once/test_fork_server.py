"""Forked processes are like any others: real children of ours, with nothing of the process forked before."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from bridge.version import REVISION
from tests.integration.exactly_once.command import Command, Result
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.exactly_once.process import ROOT, Start, start_bare
from tests.integration.waiting import PATIENCE

_STARTER = """
import sys
from pathlib import Path
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.exactly_once.test_fork_server import Held
print(Held(ForkServer().start, Path(sys.argv[1])).process.pid, flush=True)
sys.stdin.read()
"""


class Held:
    """A process that waits to read its settings from us, and never gets them."""

    def __init__(self, start: Start, directory: Path) -> None:
        pipe = directory / "pipe"
        os.mkfifo(pipe)
        with (directory / "output").open("wb") as output:
            arguments = ["--env-file", str(pipe), "topics", "plan"]
            self.process = start(arguments, {}, output.fileno(), output.fileno())
        self._settings = os.open(pipe, os.O_WRONLY)  # returns once the process reads it

    @property
    def descriptors(self) -> set[str]:
        """The descriptors that the process has open."""
        return {each.name for each in Path(f"/proc/{self.process.pid}/fd").iterdir()}

    def close(self) -> None:
        """Leave nothing of the process."""
        self.process.kill()
        self.process.wait()
        os.close(self._settings)


@pytest.fixture
def hold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Start], Held]]:
    """Starts such a process in a given way."""
    with ExitStack() as stack:
        yield lambda start: stack.enter_context(closing(Held(start, tmp_path_factory.mktemp("held"))))


def _result(server: ForkServer, *arguments: str, **environment: str) -> Result:
    return Command(environment, arguments, server.start).result()


def test_exit_codes_and_both_outputs_are_its_own(fork_server: ForkServer) -> None:
    wrong, right = _result(fork_server, "nothing"), _result(fork_server, "--version")
    assert (wrong.exit_code, wrong.stdout, right.exit_code, right.stderr) == (2, "", 0, "")
    assert "nothing" in wrong.stderr
    assert right.stdout.startswith("bridge ")


def test_what_it_raises_is_told_as_an_interpreter_does(fork_server: ForkServer) -> None:
    failed = _result(fork_server, "--version", BRIDGE_TEST_LEASE="no number")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("Traceback")
    assert failed.stderr.endswith("ValueError: could not convert string to float: 'no number'\n")


def test_the_environment_of_one_is_not_that_of_the_next(fork_server: ForkServer) -> None:
    first, second = _result(fork_server, "--version", **{REVISION: "a-revision"}), _result(fork_server, "--version")
    assert "a-revision" in first.stdout
    assert "a-revision" not in second.stdout


def test_it_is_a_child_of_ours_and_has_the_descriptors_of_a_bare_one(
    fork_server: ForkServer, hold: Callable[[Start], Held]
) -> None:
    bare, forked = hold(start_bare), hold(fork_server.start)
    assert forked.descriptors == bare.descriptors
    assert f"PPid:\t{os.getpid()}\n" in Path(f"/proc/{forked.process.pid}/status").read_text()


def test_signals_stop_and_end_it(fork_server: ForkServer, hold: Callable[[Start], Held]) -> None:
    process = hold(fork_server.start).process
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.0)
    process.send_signal(signal.SIGSTOP)
    stopped = os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    assert stopped is not None
    assert stopped.si_status == signal.SIGSTOP
    process.kill()
    assert (process.wait(PATIENCE), process.poll(), process.returncode) == (-signal.SIGKILL,) * 3
    process.kill()  # has no effect


def test_it_ends_with_its_starter_however_that_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _STARTER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        ending = os.pidfd_open(int(starter.stdout.readline()))
        starter.kill()
    assert select.select([ending], [], [], PATIENCE)[0], "it goes on"
    os.close(ending)
