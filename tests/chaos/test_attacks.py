"""A share of the suite for every day: one run on each kind of cluster. ``make chaos`` has all the faults."""

from pathlib import Path

import pytest

from tests.chaos.attack import attack
from tests.chaos.plan import Run

DELIVERIES = 6000
RUNS = [
    Run(-1, 1, 2, static=True, faults=("kill_at_a_crash_point", "kill_ingress_at_a_crash_point", "kill_broker")),
    Run(-3, 3, 2, static=False, faults=("cut_worker_off", "kill_transaction_coordinator")),
]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.brokers}-broker")
def test_nothing_is_lost_and_nothing_comes_twice(run: Run, tmp_path: Path) -> None:
    result = attack(run, DELIVERIES, tmp_path / "logs")
    assert result.violations == []
    assert result.deliveries >= DELIVERIES
    assert result.events <= 0.8 * result.deliveries
