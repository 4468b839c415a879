from typing import Any

from tests.chaos.page import PAGE, RECORD, refreshed, section


def run(faults: list[str], **other: Any) -> dict[str, Any]:
    figures = {"deliveries": 1200, "events": 1000, "lost": 0, "duplicated": 0, "stalls": {faults[0]: 2.5, "start": 1.0}}
    return {"revision": "new", "faults": faults, "outcome": "passed", **figures, **other}


def test_the_committed_page_is_that_of_the_committed_record() -> None:
    """`python -m tests.chaos.page` makes it so."""
    assert refreshed(PAGE.read_text(), RECORD.read_text()) == PAGE.read_text()


def test_without_runs_nothing_is_claimed() -> None:
    assert section([], ["kill"]) == "No run is recorded yet."


def test_a_fault_has_the_sums_of_its_runs_and_its_own_stalls() -> None:
    lines = [run(["kill", "freeze"]), run(["kill"], stalls={"kill": 7.25}), run(["freeze"])]
    rows = section(lines, ["freeze", "kill", "never"]).splitlines()[-4:]
    assert rows == [
        "| freeze | 2 | 0 | 2,400 | 2,000 | 0 | 0 | 2.5 |",
        "| kill | 2 | 0 | 2,400 | 2,000 | 0 | 0 | 7.2 |",
        "| never | 0 | 0 | 0 | 0 | 0 | 0 | - |",
        "| **all runs** | 3 | 0 | 3,600 | 3,000 | 0 | 0 | 7.2 |",
    ]


def test_failed_runs_and_those_of_other_revisions_are_told_apart() -> None:
    stuck = {"revision": "new", "faults": ["kill"], "outcome": "did not recover"}
    text = section([run(["kill"], revision="old"), stuck, run(["kill"], outcome="violated", lost=3)], ["kill"])
    assert "not counted here: 1." in text
    assert "| kill | 2 | 2 | 1,200 | 1,000 | 3 | 0 | 2.5 |" in text
