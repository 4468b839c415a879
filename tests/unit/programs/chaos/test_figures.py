"""What the record says of a run: losses and duplicates as the checker finds them, and which run it was."""

import dataclasses
import json

from tests.programs.chaos.__main__ import figures
from tests.programs.chaos.attack import Result
from tests.programs.chaos.plan import run_in, run_of
from tests.programs.checker.counter_example import Duplicate, Lost


def test_losses_and_duplicates_are_what_the_checker_calls_so() -> None:
    violations = [Lost("raw: a"), Lost("raw: a"), Duplicate("orders: should not be there"), "orders: lost its order"]
    found = figures(Result(5, 4, 0, 0, violations, {}, 1.0, 2.0))
    assert (found["lost"], found["duplicated"], found["violations"]) == (2, 1, 4)


def test_a_recorded_run_is_known_again() -> None:
    run = run_of(7)
    assert run_in(json.loads(json.dumps({"revision": "r", **dataclasses.asdict(run)}))) == run
