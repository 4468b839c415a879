"""`make chaos`: runs by seed, each checked; every result is a line of tests/programs/chaos/runs.jsonl.

A run that has passed with the product's revision at hand is not repeated: an interrupted suite goes on where it
stopped. Exit code 1 if a run failed; it is repeated by `--seed`.
"""

import argparse
import dataclasses
import json
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.programs.chaos import page
from tests.programs.chaos.attack import Result, attack
from tests.programs.chaos.plan import ROUND, Run, run_in, run_of, run_with
from tests.programs.chaos.revision import ROOT, revisions
from tests.programs.checker.counter_example import Duplicate, Lost

RECORD = Path(__file__).with_name("runs.jsonl")
LOGS = ROOT / ".local" / "chaos"
_SHOWN, _SAID_AT_MOST = 20, 300
_SAID = {"seed", "brokers", "workers", "static", "faults", "size", "held", "outcome", "at"}
"""Printed before the run, or beside its figures."""


def main(arguments: Sequence[str]) -> int:
    """Carry out what is asked for; return the exit code."""
    asked = _parse(arguments)
    of_now, failed = revisions(), False
    started = time.monotonic()
    for run in _to_do(asked, of_now["revision"]):
        if asked.minutes is not None and time.monotonic() - started > asked.minutes * 60:
            break
        print(f"seed {run.seed}: {run.brokers} broker(s), {run.workers} workers, {', '.join(run.faults)}", flush=True)
        print(f"  {run.size}{f', {run.held} held for six minutes' if run.held else ''}", flush=True)
        line = _carried_out(run, asked.deliveries)
        failed |= line["outcome"] != "passed"
        print(f"  {line['outcome']}: {json.dumps({k: v for k, v in line.items() if k not in _SAID})}", flush=True)
        if asked.record:
            with RECORD.open("a") as record:
                record.write(json.dumps({**of_now, **line}) + "\n")
    if asked.record:
        page.refresh()
    return int(failed)


def _carried_out(run: Run, deliveries: int) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line: dict[str, Any] = {"at": at, **dataclasses.asdict(run)}
    try:
        result = attack(run, deliveries, LOGS / str(run.seed))
    except Exception as error:  # noqa: BLE001 - whatever it was, the other runs are worth having
        print(traceback.format_exc(), _again(run), sep="\n", file=sys.stderr)
        return {**line, "outcome": "did not recover", "why": str(error)[:_SAID_AT_MOST]}
    if result.violations:
        print(*result.violations[:_SHOWN], _again(run), sep="\n", file=sys.stderr)
    return {**line, "outcome": "violated" if result.violations else "passed", **figures(result)}


def figures(result: Result) -> dict[str, Any]:
    """A run's figures for its line in the record."""
    return {
        "deliveries": result.deliveries,
        "events": result.events,
        "conflicts": result.conflicts,
        "malformed": result.malformed,
        "lost": sum(isinstance(violation, Lost) for violation in result.violations),
        "duplicated": sum(isinstance(violation, Duplicate) for violation in result.violations),
        "violations": len(result.violations),
        "stalls": {name: round(seconds, 1) for name, seconds in result.stalls.items()},
        "longest_delay": round(result.longest_delay, 1),
        "took": round(result.took),
        "most_mib": None if result.most_mib is None else round(result.most_mib),
        "lost_by_kafka": result.lost_by_kafka,
        "halted": result.halted,
    }


def _again(run: Run) -> str:
    chosen = "" if run == run_of(run.seed) else f" --faults {','.join(run.faults)}"
    again = f"python -m tests.programs.chaos --seed {run.seed}{chosen}"
    return f"seed {run.seed} failed; logs: {LOGS / str(run.seed)}; again: {again}"


def _to_do(asked: argparse.Namespace, revision: str) -> Iterator[Run]:
    if asked.seed is not None:
        yield _run(asked, asked.seed)
        return
    lines: list[dict[str, Any]] = [json.loads(line) for line in RECORD.read_text().splitlines()]
    done = {run_in(line) for line in lines if line["revision"] == revision and line["outcome"] == "passed"}
    planned = (_run(asked, seed) for seed in range(asked.first, asked.first + asked.runs))
    yield from (run for run in planned if run not in done and not (asked.brief and run.held))


def _run(asked: argparse.Namespace, seed: int) -> Run:
    run = run_of(seed)
    return run if asked.faults is None else run_with(run, asked.faults.split(","))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.programs.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="this run only")
    parser.add_argument("--first", type=int, default=0, help="seed of the first run")
    parser.add_argument("--runs", type=int, default=ROUND)
    parser.add_argument("--faults", help="these, with commas between them, in place of the seed's")
    parser.add_argument("--deliveries", type=int, default=30_000, help="accepted deliveries of each run, at least")
    parser.add_argument("--minutes", type=float, help="start no run after so long")
    parser.add_argument("--brief", action="store_true", help="leave out runs with a fault that lasts six minutes")
    parser.add_argument("--record", action="store_true", help=f"append results to {RECORD.relative_to(ROOT)}")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
