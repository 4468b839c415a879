"""`make test`: runs each stage in its own pytest, several at a time, then says where the time went.

Arguments are the stages to run instead of all: `python -m tests unit contract`. `make unit` runs two stages of its own.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import NamedTuple


class Stage(NamedTuple):
    """What pytest is asked for, and a budget in seconds on a 2-core machine: it is printed; far beyond it the stage is
    ended."""

    tests: tuple[str, ...]
    budget: int


_INTEGRATION, _EXACTLY_ONCE = "tests/integration", "tests/integration/exactly_once"


def _of_exactly_once(*names: str) -> tuple[str, ...]:
    return tuple(f"{_EXACTLY_ONCE}/test_{name}.py" for name in names)


_OF_ORDERS = _of_exactly_once(
    "beginning", "clock", "console", "explain", "forgotten", "incomplete", "observed", "older_rows", "order_lines",
    "order_state_anew", "queries", "redeliveries", "retention", "stalled",
)  # fmt: skip
_OF_MIGRATIONS = _of_exactly_once(
    "key_rules", "migration", "migration_beside", "migration_refused", "published_again", "acknowledged", "erased"
)
_OF_OUTAGES = _of_exactly_once("broker_out_of_reach", "full_disk", "outage_logs", "alarms")


def _without(folder: str, *those: str) -> tuple[str, ...]:
    return (folder, *(f"--ignore={each}" for each in those))


STAGES = {
    "exactly-once": Stage(_without(_EXACTLY_ONCE, *_OF_ORDERS, *_OF_MIGRATIONS, *_OF_OUTAGES), 540),
    "integration": Stage((*_without(_INTEGRATION, _EXACTLY_ONCE, f"{_INTEGRATION}/commands"), "tests/fuzz"), 540),
    "unit": Stage(("tests/unit",), 300),
    "migrations": Stage(_OF_MIGRATIONS, 420),
    "chaos": Stage(("tests/programs/chaos", "-o", "faulthandler_timeout=1860"), 420),
    "commands": Stage((f"{_INTEGRATION}/commands",), 420),
    "orders": Stage(_OF_ORDERS, 420),
    "outages": Stage(_OF_OUTAGES, 390),
    "deploy": Stage(("tests/deploy",), 90),
    "browser": Stage(("tests/browser",), 120),
    "packages": Stage(("tests/packages",), 90),
    "contract": Stage(("tests/contract",), 60),
}
"""The longest first: when a stage ends, the next begins. Tests of `integration/exactly_once` outside the other stages
are in the first."""

_NOT_THOROUGH = ("-m", "not thorough", "-p", "no:hypothesispytest", "-o", "faulthandler_timeout=0")
"""Leaves out properties. For them hypothesis' plugin would read all modules first. faulthandler would start a thread
for each test, and wait until that has ended."""
QUICK = {
    "unit-processors": Stage(("tests/unit/processors", *_NOT_THOROUGH), 30),
    "unit-others": Stage((*_without("tests/unit", "tests/unit/processors"), *_NOT_THOROUGH), 30),
}
"""What `make unit` runs: two halves for as many processors; tests are collected once."""

_BESIDE = 4
"""Stages at a time: tests with Kafka wait more, for brokers and timeouts, than they work."""

_KNOWN = STAGES | QUICK
_BYTECODE = Path(__file__).parents[1] / ".local" / "bytecode"
_CHEAPER = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(_BYTECODE),
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""The tests start hundreds of processes. If Python may not keep what it compiled, as in many images for CI, each
process compiles every module anew, for a second. And no broker lives long enough for Java's better compiler to pay."""


_FAILURES = ("FAILED ", "SUBFAILED", "ERROR ")
"""How lines of pytest's summary begin. They are printed again at the end, the part of a long output that CI keeps."""
_LAST = 80
"""How many lines to print of a stage without a summary: stacks if something had no end, the main thread's or the tasks'
last; else why there was no summary."""
_TESTS_FAILED = 1
"""pytest's exit code after a summary. faulthandler's is the same, without one."""
_BUDGETS, _LEAST_S = 5, 1800
"""After so many budgets, and never before a test's own limit, a stage is ended. Nothing else limits pytest while it
collects, closes its session or exits."""


class Result(NamedTuple):
    """Of a stage: pytest's exit code, seconds, CPU seconds of it and the processes that it waited for, and the lines
    that say what failed."""

    stage: str
    code: int
    seconds: float
    cpu: float
    failures: list[str]


def main(chosen: Sequence[str]) -> int:
    """Run the stages, all of them even if one fails; return the exit code."""
    started = time.monotonic()
    with ThreadPoolExecutor(_BESIDE) as beside:
        results = list(beside.map(_run, [stage for stage in _KNOWN if stage in chosen]))
    print("\nstage            result   seconds    of       CPU")
    for stage, code, seconds, cpu, _failures in results:
        print(f"{stage:15}  {'failed' if code else 'passed'}  {seconds:8.1f}  {_KNOWN[stage].budget:4}  {cpu:8.1f}")
    print(f"{'all':15}          {time.monotonic() - started:8.1f}        {sum(each.cpu for each in results):8.1f}")
    print(*(line for result in results for line in result.failures), sep="\n")
    return int(any(result.code for result in results))


def _run(stage: str) -> Result:
    started = time.monotonic()
    command = [sys.executable, "-X", "faulthandler", "-m", "pytest", *_KNOWN[stage].tests, "--durations=5", "-rsfE"]
    longest = max(_BUDGETS * _KNOWN[stage].budget, _LEAST_S)
    with (
        TemporaryFile("w+", errors="replace") as output,  # not a pipe: processes that are left would keep it open
        subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **_CHEAPER}) as pytest,
    ):

        def end() -> None:
            os.write(output.fileno(), f"\nFAILED {stage}: not done after {longest} s\n".encode())
            os.kill(pytest.pid, signal.SIGABRT)  # makes faulthandler write all stacks

        limit = Timer(longest, end)
        limit.start()
        _, status, used = os.wait4(pytest.pid, 0)
        limit.cancel()
        pytest.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    print(f"\n== {stage}\n{printed}", flush=True)
    seconds, cpu = time.monotonic() - started, used.ru_utime + used.ru_stime
    return Result(stage, pytest.returncode, seconds, cpu, _failures(pytest.returncode, printed.splitlines()))


def _failures(code: int, lines: Sequence[str]) -> list[str]:
    failures = [line for line in lines if line.startswith(_FAILURES)]
    has_summary = not code or (code == _TESTS_FAILED and failures)
    return failures if has_summary else [*failures, *lines[-_LAST:]]


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - _KNOWN.keys()
    if unknown:
        sys.exit(f"unknown stage: {', '.join(sorted(unknown))}; known are {', '.join(_KNOWN)}")
    sys.exit(main(sys.argv[1:] or list(STAGES)))
