from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest

from tests.programs.bench.peers.aims import Aim, aims
from tests.programs.bench.peers.contenders import CONTENDERS
from tests.programs.bench.peers.page import PAGE, PLOTS, plots, refreshed
from tests.programs.bench.peers.plan import KINDS, Asked, plan
from tests.programs.bench.peers.plot import bars
from tests.programs.bench.peers.results import COMMITTED, Results, Spread, Turn
from tests.programs.bench.peers.tables import COLUMNS, failures, rows
from tests.programs.bench.peers.workloads import WORKLOADS


def turn(contender: str, **figures: float) -> Turn:
    usual = {
        "per_second": 1000.0,
        "cpu_us": 10.0,
        "broker_us": 2.0,
        "rss_mb": 100.0,
        "lost": 0,
        "duplicated": 0,
        "load": 2.0,
    }
    return Turn("worker", "even, snappy", contender, "abc", {**usual, **figures})


def results(*turns: Turn) -> Results:
    return Results({"cores": "2"}, list(turns))


def test_the_committed_page_is_that_of_the_committed_results() -> None:
    """If not, run `python -m tests.programs.bench.peers.page`."""
    assert refreshed(PAGE.read_text(), Results.load(COMMITTED)) == PAGE.read_text()


def test_the_committed_plots_are_those_of_the_committed_results() -> None:
    committed = {plot.name: plot.read_text() for plot in PLOTS.glob("*.svg")}
    assert committed == plots(Results.load(COMMITTED))


def test_a_row_has_medians_with_their_spread_and_sums_of_what_must_not_be() -> None:
    found = results(turn("ours", per_second=3000, lost=1), turn("ours", per_second=1000), turn("ours", lost=2))
    assert list(rows("worker", found.of("worker"))) == [
        ["even, snappy", "ours", "1,000 (1,000 to 3,000)", "10.0", "2.0", "100", "3", "0", "2.0", "3"]
    ]


def test_what_the_bridge_loses_once_is_a_failure_and_others_may() -> None:
    found = results(turn("ours, 1 process"), turn("ours, 1 process", lost=1), turn("Faust", duplicated=5))
    assert list(failures("worker", found.of("worker"))) == ["worker, even, snappy: ours, 1 process: lost: 1"]


def test_a_page_follows_its_results() -> None:
    one, other = (refreshed(PAGE.read_text(), results(turn("ours", cpu_us=cpu))) for cpu in (11.0, 12.0))
    assert one != other


def test_what_was_not_measured_is_not_claimed() -> None:
    assert all("not measured" in line for line in list(aims(results()))[2:])
    assert "No turn is committed yet" in refreshed(PAGE.read_text(), results())


@pytest.mark.parametrize(("per_second", "verdict"), [(2200.0, "reached"), (2199.0, "missed")])
def test_an_aim_is_reached_from_its_bound_on(per_second: float, verdict: str) -> None:
    found = results(turn("ours, 2 processes", per_second=per_second), turn("Kafka Streams, defaults"))
    (line,) = (line for line in aims(found) if "defaults" in line)
    assert line.endswith(f"| {verdict} |")


def test_an_aim_is_not_reached_by_another_contender() -> None:
    others = Turn("latency", "500 a second of one name", "Kafka Streams, defaults", "abc", {"cleaned_p50_ms": 1.0})
    (line,) = (line for line in aims(results(others)) if "p50" in line)
    assert "not measured" in line


def test_one_process_that_loses_something_once_misses_the_aim() -> None:
    killed = Turn(
        "kill", "even, snappy", "ours, 1 process", "abc", {"first_s": 1, "lost": 0, "duplicated": 1, "load": 1}
    )
    (line,) = (line for line in aims(results(killed)) if "lost" in line)
    assert line.endswith("| missed |")


def test_an_aim_has_one_bound() -> None:
    assert Aim("", "worker", lambda _: None, least=2).bound == "≥ 2"
    assert Aim("", "worker", lambda _: None, most=3.5).bound == "≤ 3.5"


def test_bars_keep_names_as_text() -> None:
    assert "a &lt;b&gt;" in bars("t", {"a <b>": Spread(1, 2, 3)}, 0)


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = results(turn("ours"), turn("others"))
    written.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == written


def test_the_first_turn_says_what_machine_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = iter([{"cores": "2"}])
    monkeypatch.setattr("tests.programs.bench.peers.results.machine_facts", lambda: next(facts))
    kept = Results.load(tmp_path / "none.json")
    kept.add(turn("ours"))
    kept.add(turn("others"))
    assert kept.machine == {"cores": "2"}


@pytest.mark.parametrize(("name", "most"), [("even", 0.2), ("skewed", 0.75)])
def test_event_names_are_as_even_as_the_workload_says(
    name: str, most: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tests.programs.bench.peers.workloads.WORKPLACE", tmp_path)
    records = list(WORKLOADS[name].records(2_000))
    by_partition: Mapping[int, int] = {each: sum(record.partition == each for record in records) for each in range(8)}
    assert most * 0.6 < max(by_partition.values()) / len(records) < most
    assert 0.75 < len({record.id_ for record in records}) / len(records) < 0.85
    assert [record.id_ for record in islice(WORKLOADS[name].records(2_000), 10)] == [
        record.id_ for record in records[:10]
    ]


def test_a_round_has_what_was_asked_for() -> None:
    asked = Asked(kinds=("worker", "ingress"), workloads=("orders",), sizes=(700,), connections=(64,), only=("ours",))
    assert [(each.what, each.case, each.contender) for each in plan(asked)] == [
        ("worker", "orders, snappy", "ours, 1 process"),
        ("worker", "orders, snappy", "ours, 2 processes"),
        ("ingress", "700 B, 64 connections", "ours"),
    ]


def test_every_kind_of_turn_has_its_columns_and_its_place_on_the_page() -> None:
    assert set(KINDS) == set(COLUMNS)
    assert {each.what for each in plan(Asked())} == set(KINDS)


def test_contenders_go_through_workloads_that_there_are() -> None:
    assert {name for each in CONTENDERS.values() for name in each.workloads} == set(WORKLOADS)
