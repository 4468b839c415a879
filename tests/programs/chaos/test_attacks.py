"""The suite's daily share: a small run, one on three brokers, a large one. All faults: `make chaos`."""

from pathlib import Path

import pytest

from tests.integration.exactly_once.forking import ForkServer
from tests.programs.chaos.attack import attack
from tests.programs.chaos.plan import Run
from tests.programs.chaos.size import Size

DELIVERIES = 6000
LARGE_PER_SECOND = 100
"""For the large run: its faults take minutes, and all that would be accepted meanwhile takes as long to check."""
USUAL = Size(partitions=8, chunk_records=5000)
LARGE = Size(partitions=64, most_lines=100, chunk_records=5000, memory_mib=768)
RUNS = {
    "small": Run(
        -1, 1, 2, static=True, faults=("kill_at_a_crash_point", "kill_ingress_at_a_crash_point", "truncate_raw")
    ),
    "three-brokers": Run(-3, 3, 2, static=False, faults=("cut_worker_off", "kill_transaction_coordinator"), size=USUAL),
    "large": Run(-5, 1, 2, static=True, faults=("kill_broker", "late_end_txn"), size=LARGE),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_nothing_is_lost_and_nothing_comes_twice(run: Run, tmp_path: Path, fork_server: ForkServer) -> None:
    per_second = LARGE_PER_SECOND if run.size is LARGE else None
    result = attack(run, DELIVERIES, tmp_path / "logs", per_second, fork_server.start)
    assert result.violations == []
    assert result.deliveries >= run.size.deliveries(DELIVERIES)
    most = 0.9 if run.size is LARGE else 0.8  # in a short run fewer have come again by its end
    assert result.events <= most * result.deliveries
