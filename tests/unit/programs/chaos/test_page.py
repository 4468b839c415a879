from typing import Any

from tests.programs.chaos.page import PAGE, RECORD, refreshed, section


def run(faults: list[str], **other: Any) -> dict[str, Any]:
    figures = {"deliveries": 1200, "events": 1000, "lost": 0, "duplicated": 0, "stalls": {faults[0]: 2.5, "start": 1.0}}
    planned = {"seed": 1, "brokers": 1, "workers": 2, "static": True, "faults": faults}
    return {"revision": "new", "outcome": "passed", **planned, **figures, **other}


def test_the_committed_page_is_that_of_the_committed_record() -> None:
    """If not, run `python -m tests.programs.chaos.page`."""
    assert refreshed(PAGE.read_text(), RECORD.read_text()) == PAGE.read_text()


def test_without_runs_nothing_is_claimed() -> None:
    assert section([], ["kill"]) == "No run is recorded yet."


def test_a_fault_has_the_sums_of_its_runs_and_its_own_stalls() -> None:
    lines = [run(["kill", "freeze"]), run(["kill"], stalls={"kill": 7.25}), run(["freeze"])]
    text = section(lines, ["freeze", "kill", "never"])
    rows = text.split("\n\n")[1].splitlines()[-4:]
    assert rows == [
        "| freeze | 2 | 0 | 2,400 | 2,000 | 0 | 0 | 2.5 |",
        "| kill | 2 | 0 | 2,400 | 2,000 | 0 | 0 | 7.2 |",
        "| never | 0 | 0 | 0 | 0 | 0 | 0 | - |",
        "| **all runs** | 3 | 0 | 3,600 | 3,000 | 0 | 0 | 7.2 |",
    ]


def test_failed_runs_and_those_of_other_revisions_are_told_apart() -> None:
    planned = {"seed": 1, "brokers": 1, "workers": 2, "static": True, "faults": ["kill"]}
    stuck = {"revision": "new", **planned, "outcome": "did not recover"}
    text = section([run(["kill"], revision="old"), stuck, run(["kill"], outcome="violated", lost=3)], ["kill"])
    assert "not counted here: 1." in text
    assert "| kill | 2 | 2 | 1,200 | 1,000 | 3 | 0 | 2.5 |" in text


def test_runs_of_one_engine_are_counted_together_whatever_else_has_changed() -> None:
    lines = [run(["kill"]), *(run(["kill"], revision=each, engine="e") for each in "ab"), run(["kill"], engine="e")]
    text = section(lines, ["kill"])
    assert "): `e`." in text
    assert "run: `a`, `b`, `new`." in text
    assert "not counted here: 1." in text
    assert "| kill | 3 | 0 | 3,600 | 3,000 | 0 | 0 | 2.5 |" in text


def test_each_size_has_its_runs_and_how_they_ended() -> None:
    large = {"partitions": 64, "most_lines": 100, "chunk_records": 5000, "timeout_s": None, "memory_mib": 768}
    lines = [
        run(["kill"]),
        run(["kill"], size=large, longest_delay=9.0, most_mib=700),
        run(["kill"], size=large, outcome="did not recover", held="kill"),
    ]
    rows = section(lines, ["kill"]).splitlines()
    assert "| 3 or 4 partitions | 1 | 0 | 1,200 | 0 | 0 | - | - |" in rows
    assert "| 64 partitions | 2 | 1 | 2,400 | 0 | 0 | 9.0 | 700 |" in rows
    assert "| a fault held for six minutes | 1 | 1 | 1,200 | 0 | 0 | - | - |" in rows
