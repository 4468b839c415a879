import pytest

from tests.programs.chaos.faults import FAULTS, HELD_FAULTS, LINE_FAULTS, LONE_FAULTS, LOSING_FAULTS, PARTITION_FAULTS
from tests.programs.chaos.plan import ROUND, Run, run_in, run_of, run_with
from tests.programs.chaos.size import SMALL


def test_a_seed_always_gives_the_same_run() -> None:
    assert [run_of(seed) for seed in range(30)] == [run_of(seed) for seed in range(30)]


@pytest.mark.parametrize("number", range(5))
def test_a_round_has_every_fault_on_both_kinds_of_cluster(number: int) -> None:
    runs = [run_of(seed) for seed in range(number * ROUND, (number + 1) * ROUND)]
    assert {run.brokers for run in runs} == {1, 3}
    for brokers, impossible in ((3, LONE_FAULTS), (1, PARTITION_FAULTS)):
        had = {fault for run in runs if run.brokers == brokers for fault in run.faults}
        assert had == FAULTS.keys() - impossible.keys()


@pytest.mark.parametrize("static", [True, False])
def test_two_rounds_have_every_fault_with_members_static_and_not(static: bool) -> None:
    runs = [run_of(seed) for seed in range(2 * ROUND)]
    assert {fault for run in runs if run.static is static for fault in run.faults} == FAULTS.keys()


def test_only_a_cluster_can_be_torn_apart() -> None:
    alone = [run for run in map(run_of, range(200)) if run.brokers == 1]
    assert not [run for run in alone if not PARTITION_FAULTS.keys().isdisjoint(run.faults)]


def test_lines_are_touched_only_where_the_relay_has_them() -> None:
    runs = list(map(run_of, range(24)))
    assert any(run.relayed for run in runs)
    assert all(run.relayed for run in runs if not LINE_FAULTS.keys().isdisjoint(run.faults))


def test_what_kafka_loses_is_lost_at_the_end_of_a_run() -> None:
    for run in map(run_of, range(200)):
        losing = [fault in LOSING_FAULTS for fault in run.faults]
        assert losing == sorted(losing)


def test_all_sizes_are_drawn() -> None:
    runs = list(map(run_of, range(2 * ROUND)))
    assert {run.size.partitions for run in runs} == {3, 8, 64}
    assert {run.size.chunk_records for run in runs} == {100, 5000}
    assert {run.size.most_lines for run in runs} == {5, 100}
    assert {run.size.preloaded for run in runs} == {0, 500_000}
    assert {run.size.timeout_s for run in runs} == {6.0, None}
    assert {run.size.memory_mib for run in runs} == {None, 768}


def test_some_runs_hold_one_of_their_faults() -> None:
    held = [run for run in map(run_of, range(12 * ROUND)) if run.held]
    assert {run.held for run in held} == HELD_FAULTS
    assert all(run.held in run.faults for run in held)


def test_a_run_from_before_sizes_were_drawn_is_read_as_what_it_was() -> None:
    line = {"seed": 7, "brokers": 1, "workers": 2, "static": True, "faults": ["kill_worker"]}
    assert run_in(line) == Run(7, 1, 2, static=True, faults=("kill_worker",), size=SMALL)


def test_faults_that_are_chosen_bring_the_cluster_that_they_need() -> None:
    alone = run_of(1)
    chosen = run_with(alone, ["elect_unclean_leader", "isolate_broker", "isolate_broker"])
    assert chosen.faults == ("isolate_broker", "isolate_broker", "elect_unclean_leader")
    assert (chosen.brokers, chosen.held, chosen.size) == (3, None, alone.size)
    assert run_with(run_of(0), ["truncate_raw"]).brokers == 1
    assert [run_with(run_of(seed), ["kill_worker"]).brokers for seed in (0, 1)] == [3, 1]


@pytest.mark.parametrize(
    ("faults", "why"),
    [(["isolate_broker", "truncate_raw"], "several brokers"), (["kill_wroker"], "no such fault: kill_wroker; there")],
)
def test_faults_that_cannot_be_had_together_or_at_all_are_refused(faults: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        run_with(run_of(0), faults)
