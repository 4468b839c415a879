"""A worker's clock was ahead for a moment: what its ticks remember of that time counts no more."""

import pytest

from processors.orders import rounds as going
from processors.orders.apply import OrderRules
from tests.unit.processors.orders.kept import RETENTION, Table, went
from tests.unit.processors.orders.sweeps import DAY, record, said
from tests.unit.processors.orders.sweeps import Table as SweptTable


@pytest.fixture
def table() -> Table:
    return Table()


def test_a_round_that_began_then_forgets_nothing(table: Table) -> None:
    """Kafka refuses what a tick writes by a clock that is ahead. The clock is right again."""
    table.deliver(record(0, "created", "a", at=1_000))
    table.tick(2_000 + RETENTION)
    assert went(table.go_round(2_000)) == []
    assert len(table.raw.asked) == 2
    assert went(table.go_round(2_000 + RETENTION)) == [b"a"]


def test_a_round_goes_on_with_a_clock_that_stands(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000))
    table.tick(2_000 + RETENTION)
    assert went(table.go_round(2_000 + RETENTION)) == [b"a"]
    assert len(table.raw.asked) == 1


def test_the_next_round_does_not_wait_for_the_time_to_come_again(table: Table) -> None:
    table.restart(OrderRules(retention_ms=400 * DAY))
    table.go_round(365 * DAY)
    table.go_round(DAY)
    assert len(table.raw.asked) == 2
    table.go_round(2 * DAY - 1)
    assert len(table.raw.asked) == 2


def test_a_partition_that_went_elsewhere_then_takes_no_share(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(going, "ROWS", 10)
    table.deliver(*(record(n, "created", f"o-{n:02d}", at=1_000) for n in range(30)))
    now_ms = 2_000 + RETENTION

    def went_of(partition: int, at_ms: int) -> int:
        table.tick(at_ms, partition=partition)
        table.raw.asked[-1].end = 0
        return len(went([table.tick(at_ms, partition=partition)]))

    assert went_of(4, now_ms + DAY) == 10
    assert went_of(3, now_ms) == 10


def test_who_was_suspected_then_is_not_marked_before_the_time() -> None:
    table = SweptTable()
    table.deliver(record(0, "opened"))
    table.tick(6_000 + DAY)
    table.raw.asked[0].end = 0
    assert said(table.tick(5_999)[1]) == {}
    assert said(table.sweep(6_000)) == {"a": True}
