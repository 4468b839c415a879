import pytest

from tests.chaos.faults import BROKER_FAULTS, FAULTS, LINE_FAULTS, SERVICE_FAULTS
from tests.chaos.plan import run_of


def test_a_seed_always_gives_the_same_run() -> None:
    assert [run_of(seed) for seed in range(30)] == [run_of(seed) for seed in range(30)]


@pytest.mark.parametrize("first", [0, 24, 100])
def test_24_runs_in_a_row_have_every_fault_on_both_kinds_of_cluster(first: int) -> None:
    runs = [run_of(seed) for seed in range(first, first + 24)]
    assert {run.brokers for run in runs} == {1, 3}
    assert {fault for run in runs if run.brokers == 3 for fault in run.faults} == set(FAULTS)
    assert {fault for run in runs if run.brokers == 1 for fault in run.faults} == {
        **SERVICE_FAULTS,
        **BROKER_FAULTS,
    }.keys()


def test_lines_are_cut_only_where_there_is_a_relay() -> None:
    assert not [run for run in map(run_of, range(200)) if run.brokers == 1 and LINE_FAULTS.keys() & set(run.faults)]
