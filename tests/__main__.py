"""``make test``: every stage in its own pytest run, then what the time went to.

Arguments are stages to run instead of all: ``python -m tests unit contract``.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

BUDGET_SECONDS = {"unit": 120, "contract": 120, "deploy": 120, "integration": 720, "chaos": 180}
"""What a stage may take on a 2-core machine. Told, not enforced: a slow machine is no failure."""

NEEDS_KAFKA = ("integration", "chaos")
"""They mostly wait, for brokers and timeouts: the others run beside them, and are printed when they have ended."""


class Result(NamedTuple):
    """Of a stage: pytest's exit code, and seconds."""

    stage: str
    code: int
    seconds: float


def main(stages: Sequence[str]) -> int:
    """Run the stages, all of them even if one fails; returns the exit code."""
    started = time.monotonic()
    with ThreadPoolExecutor(1) as aside:
        pure = aside.submit(lambda: [_run(stage, capture=True) for stage in stages if stage not in NEEDS_KAFKA])
        results = [_run(stage, capture=False) for stage in stages if stage in NEEDS_KAFKA]
        results = [*pure.result(), *results]
    print("\nstage         result   seconds    of")
    for stage, code, seconds in results:
        print(f"{stage:12}  {'failed' if code else 'passed'}  {seconds:8.1f}  {BUDGET_SECONDS[stage]:4}")
    print(f"{'all':12}          {time.monotonic() - started:8.1f}")
    return int(any(result.code for result in results))


def _run(stage: str, *, capture: bool) -> Result:
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", f"tests/{stage}", "--durations=5"]
    title = f"\n== {stage}"
    if not capture:
        print(title, flush=True)
    done = subprocess.run(
        command, check=False, text=True, stdout=subprocess.PIPE if capture else None, stderr=subprocess.STDOUT
    )
    if capture:
        print(f"{title}\n{done.stdout}", flush=True)
    return Result(stage, done.returncode, time.monotonic() - started)


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - BUDGET_SECONDS.keys()
    if unknown:
        sys.exit(f"unknown stage: {', '.join(sorted(unknown))}; known are {', '.join(BUDGET_SECONDS)}")
    sys.exit(main(sys.argv[1:] or list(BUDGET_SECONDS)))
