"""`python -m tests.programs.bench.peers`: rounds of turns, each contender in turn, and a table of what they found.

What this machine lacks is skipped, and said. `--keep` adds the turns to the committed results.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.local.broker import JavaBroker
from deploy.local.environment import BrokenEnvironment
from tests.programs.bench.peers.contenders import CONTENDERS
from tests.programs.bench.peers.latency import warm_broker
from tests.programs.bench.peers.plan import KINDS, Asked, plan
from tests.programs.bench.peers.results import COMMITTED, Results, Turn, revision
from tests.programs.bench.peers.tables import failures, table
from tests.programs.bench.peers.workloads import WORKLOADS

_QUICK: Final = Asked(
    kinds=("worker", "ingress", "latency"),
    rounds=1,
    events=100_000,
    workloads=("even", "orders"),
    rates=(500,),
    sizes=(700,),
    connections=(64,),
    warm=12.0,
)
_LEFT_OUT: Final = "kills, skewed names, other rates, sizes and connections, and the spread of several rounds"


def main() -> int:
    """Measure. Exit code 1: the bridge lost an event or passed one on twice. 2: this machine lacks something for a
    contender, or a contender fails."""
    given = _arguments()
    fields = {name: value for name, value in vars(given).items() if name in Asked.__slots__ and value}
    asked = replace(_QUICK if given.quick else Asked(), **fields)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 180)
    os.environ["BRIDGE_COMPRESSION"] = asked.codec
    for name in asked.workloads if {"worker", "kill"} & set(asked.kinds) else ():
        with console.status(f"making events: {name}"):
            WORKLOADS[name].prepare(asked.count(name))
    if given.prepare:
        return 0
    results, lacking = Results({}), dict[str, str]()
    try:
        for turn in _turns(asked, lacking, console):
            results.turns.append(turn)
            if given.keep:
                _add(turn, given.keep)
    except BrokenEnvironment as error:
        lacking["all"] = str(error)
    return _told(asked, results, lacking, console, is_quick=given.quick)


def _told(asked: Asked, results: Results, lacking: dict[str, str], console: Console, *, is_quick: bool) -> int:
    """Print everything; return the exit code."""
    broken = list[str]()
    for what in asked.kinds:
        if found := results.of(what):
            console.print(table(what, found))
            broken += failures(what, found)
    if is_quick:
        console.print(f"left out of the quick form: {_LEFT_OUT}")
    for contender, why in lacking.items():
        console.print(f"skipped from then on: {contender}: {why}")
    for words in broken:
        console.print(f"must not be: {words}")
    return 1 if broken else 2 if lacking else 0


def _turns(asked: Asked, lacking: dict[str, str], console: Console) -> Iterator[Turn]:
    """Round by round. A contender that lacks something is left out from then on, and `lacking` says why."""
    with _broker() as kafka:
        console.print(f"[dim]{kafka.description}, {os.cpu_count()} cores, shared with it")
        with console.status("the broker warms up"):
            warm_broker(kafka, CONTENDERS["ours, 1 process"], 2 * asked.warm)
        for number in range(asked.rounds):
            for planned in plan(asked):
                if planned.contender in lacking:
                    continue
                with console.status(f"round {number + 1}: {planned.what}, {planned.case}: {planned.contender}"):
                    load, _, _ = os.getloadavg()
                    try:
                        figures = {"load": load, **asdict(planned.measure(kafka))}
                    except (BrokenEnvironment, AssertionError) as error:  # or it does not get there in its time
                        lacking[planned.contender] = str(error)
                        continue
                yield Turn(planned.what, planned.case, planned.contender, revision(), figures)


@contextmanager
def _broker() -> Iterator[JavaBroker]:
    """Always a broker of our own and a process, because its CPU is measured, too."""
    broker = JavaBroker()
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _add(turn: Turn, path: Path) -> None:
    kept = Results.load(path)
    kept.add(turn)
    kept.save(path)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.programs.bench.peers", description=__doc__)
    usual = Asked()
    kinds = [*KINDS, []]  # an empty list, too, is looked up among the choices
    parser.add_argument("kinds", nargs="*", choices=kinds, metavar="kind", help=f"{', '.join(KINDS)}; all")
    parser.add_argument("--quick", action="store_true", help="one round of fewer events and cases")
    parser.add_argument("--rounds", type=int, help=f"of turns; {usual.rounds}")
    parser.add_argument("--events", type=int, help=f"to go through; {usual.events:,}")
    parser.add_argument("--workloads", nargs="+", choices=[*WORKLOADS], help="all")
    parser.add_argument("--codec", help=f"of raw and of what is written, for all; {usual.codec}")
    parser.add_argument("--rates", type=int, nargs="+", help="events a second, for latencies; 100 500 2000")
    parser.add_argument("--sizes", type=int, nargs="+", help="bytes of a request; 700 20000")
    parser.add_argument("--connections", type=int, nargs="+", help="to an ingress; 16 64 256")
    parser.add_argument("--seconds", type=float, help=f"for each rate and number of connections; {usual.seconds:g}")
    warm = f"seconds of each rate before it counts, and twice as many for the broker; {usual.warm:g}"
    parser.add_argument("--warm", type=float, help=warm)
    parser.add_argument("--only", nargs="+", help="contenders, by the beginnings of their names; all")
    parser.add_argument("--prepare", action="store_true", help="make the events, and measure nothing")
    told = "add the turns to this file; without a name to what is committed"
    parser.add_argument("--keep", type=Path, nargs="?", const=COMMITTED, help=told)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
