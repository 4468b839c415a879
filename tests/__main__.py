"""``make test``: every stage in its own pytest run, several beside each other, then what the time went to.

Arguments are stages to run instead of all: ``python -m tests unit contract``.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import dropwhile
from pathlib import Path
from typing import NamedTuple


class Stage(NamedTuple):
    """What pytest is asked for, and seconds that it may take on a 2-core machine: told, not enforced."""

    tests: tuple[str, ...]
    budget: int


_EXACTLY_ONCE = "tests/integration/exactly_once"


def _of_exactly_once(*names: str) -> tuple[str, ...]:
    return tuple(f"{_EXACTLY_ONCE}/test_{name}.py" for name in names)


_OF_COMMANDS = _of_exactly_once(
    "key_rules", "migration", "migration_beside", "migration_refused", "published_again", "acknowledged", "erased"
)
_OF_OUTAGES = _of_exactly_once("broker_out_of_reach", "full_disk", "outage_logs", "alarms")

STAGES = {
    "exactly-once": Stage((_EXACTLY_ONCE, *(f"--ignore={file}" for file in (*_OF_COMMANDS, *_OF_OUTAGES))), 540),
    "integration": Stage(("tests/integration", "tests/fuzz", f"--ignore={_EXACTLY_ONCE}"), 540),
    "chaos": Stage(("tests/programs/chaos",), 420),
    "commands": Stage(_OF_COMMANDS, 420),
    "outages": Stage(_OF_OUTAGES, 390),
    "unit": Stage(("tests/unit",), 180),
    "browser": Stage(("tests/browser",), 120),
    "packages": Stage(("tests/packages",), 90),
    "contract": Stage(("tests/contract",), 60),
    "deploy": Stage(("tests/deploy",), 90),
}
"""The longest first: whichever ends is followed by the next."""

_BESIDE = 3
"""So many at a time: tests with Kafka wait, for brokers and timeouts, more than they work."""

_BYTECODE = Path(__file__).parents[1] / ".local" / "bytecode"
_CHEAPER = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(_BYTECODE),
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""The tests start hundreds of processes. Where Python may not keep what it compiled, as in many images for CI, each
of them compiles every module anew, for a second; and no broker lives long enough for Java's better compiler to pay."""


_FAILURES = ("FAILED ", "SUBFAILED", "ERROR ")
"""How lines of pytest's summary begin. They are told once more at the end: who keeps a part of a long output, as CI
does, keeps that."""
_ENDLESS = "Timeout (0:"
"""What faulthandler says first of a test without end: then come stacks of all threads, the main one's last."""
_STACK = 80


class Result(NamedTuple):
    """Of a stage: pytest's exit code, seconds, those of the processor that it and what it waited for took, and the
    lines that say what failed."""

    stage: str
    code: int
    seconds: float
    cpu: float
    failures: list[str]


def main(chosen: Sequence[str]) -> int:
    """Run the stages, all of them even if one fails; returns the exit code."""
    started = time.monotonic()
    with ThreadPoolExecutor(_BESIDE) as beside:
        results = list(beside.map(_run, [stage for stage in STAGES if stage in chosen]))
    print("\nstage         result   seconds    of       CPU")
    for stage, code, seconds, cpu, _failures in results:
        print(f"{stage:12}  {'failed' if code else 'passed'}  {seconds:8.1f}  {STAGES[stage].budget:4}  {cpu:8.1f}")
    print(f"{'all':12}          {time.monotonic() - started:8.1f}        {sum(each.cpu for each in results):8.1f}")
    print(*(line for result in results for line in result.failures), sep="\n")
    return int(any(result.code for result in results))


def _run(stage: str) -> Result:
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", *STAGES[stage].tests, "--durations=5", "-rsfE"]
    environment = {**os.environ, **_CHEAPER}
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    ) as pytest:
        assert pytest.stdout is not None
        printed = pytest.stdout.read()
        _, status, used = os.wait4(pytest.pid, 0)
        pytest.returncode = os.waitstatus_to_exitcode(status)
    print(f"\n== {stage}\n{printed}", flush=True)
    seconds, cpu = time.monotonic() - started, used.ru_utime + used.ru_stime
    return Result(stage, pytest.returncode, seconds, cpu, _failures(printed.splitlines()))


def _failures(lines: Sequence[str]) -> list[str]:
    endless = [*dropwhile(lambda line: _ENDLESS not in line, lines)]
    return [*(line for line in lines if line.startswith(_FAILURES)), *endless[:1], *endless[1:][-_STACK:]]


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - STAGES.keys()
    if unknown:
        sys.exit(f"unknown stage: {', '.join(sorted(unknown))}; known are {', '.join(STAGES)}")
    sys.exit(main(sys.argv[1:] or list(STAGES)))
