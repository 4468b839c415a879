"""``make test``: every stage in its own pytest run, then what the time went to.

Arguments are stages to run instead of all: ``python -m tests unit contract``.
"""

import subprocess
import sys
import time

BUDGET_SECONDS = {"unit": 120, "contract": 120, "deploy": 120, "integration": 720, "chaos": 180}
"""What a stage may take on a 2-core machine. Told, not enforced: a slow machine is no failure."""


def main(stages: list[str]) -> int:
    """Run the stages one after the other, all of them even if one fails; returns the exit code."""
    results = [(stage, *_run(stage)) for stage in stages]
    print("\nstage         result   seconds    of")
    for stage, code, seconds in results:
        print(f"{stage:12}  {'failed' if code else 'passed'}  {seconds:8.1f}  {BUDGET_SECONDS[stage]:4}")
    return int(any(code for _, code, _ in results))


def _run(stage: str) -> tuple[int, float]:
    print(f"\n== {stage}", flush=True)
    started = time.monotonic()
    code = subprocess.run([sys.executable, "-m", "pytest", f"tests/{stage}", "--durations=5"], check=False).returncode
    return code, time.monotonic() - started


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - BUDGET_SECONDS.keys()
    if unknown:
        sys.exit(f"unknown stage: {', '.join(sorted(unknown))}; known are {', '.join(BUDGET_SECONDS)}")
    sys.exit(main(sys.argv[1:] or list(BUDGET_SECONDS)))
