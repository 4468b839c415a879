import pytest

from tests.chaos.faults import FAULTS, LINE_FAULTS, PARTITION_FAULTS
from tests.chaos.plan import ROUND, run_of


def test_a_seed_always_gives_the_same_run() -> None:
    assert [run_of(seed) for seed in range(30)] == [run_of(seed) for seed in range(30)]


@pytest.mark.parametrize("number", range(5))
def test_a_round_has_every_fault_on_both_kinds_of_cluster(number: int) -> None:
    runs = [run_of(seed) for seed in range(number * ROUND, (number + 1) * ROUND)]
    assert {run.brokers for run in runs} == {1, 3}
    assert {fault for run in runs if run.brokers == 3 for fault in run.faults} == FAULTS.keys()
    possible = FAULTS.keys() - PARTITION_FAULTS.keys()
    assert {fault for run in runs if run.brokers == 1 for fault in run.faults} == possible


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
