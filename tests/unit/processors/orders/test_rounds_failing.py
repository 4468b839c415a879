"""Rounds in which an order cannot be looked at: it stays as it is, and what is no order's fault is raised."""

import pytest
from structlog.testing import capture_logs

from processors.engine.errors import TableError, UnitFullError
from processors.orders.table import OrderWriter, row_key
from tests.unit.processors.orders.facts import of_a_later_version
from tests.unit.processors.orders.kept import RETENTION, Table, states
from tests.unit.processors.orders.sweeps import record


@pytest.fixture
def table() -> Table:
    return Table()


def test_rows_of_a_later_version_are_left_to_it_without_a_word(table: Table) -> None:
    """After a rollback these may be all rows, each day."""
    table.deliver(record(0, "created", "a", at=1_000))
    table.rows[row_key(b"a")] = of_a_later_version(table.rows[row_key(b"a")] or b"")
    with capture_logs() as lines:
        assert states(*table.go_round(9 * RETENTION)) == []
    assert lines == []
    assert row_key(b"a") in table.left()


@pytest.mark.parametrize("error", [TableError("a disk fails"), UnitFullError("full"), MemoryError()])
def test_what_says_nothing_about_an_order_ends_the_unit(
    table: Table, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A part of the unit may be written."""

    def fails(*_: object) -> None:
        raise error

    table.deliver(record(0, "created", "a", at=1_000))
    monkeypatch.setattr(OrderWriter, "forget", fails)
    with pytest.raises(type(error)):
        table.go_round(2_000 + RETENTION)


def test_one_order_that_cannot_be_read_keeps_no_other_waiting(table: Table) -> None:
    table.deliver(record(0, "created", "a", at=1_000), record(1, "created", "b", at=1_000))
    table.rows[row_key(b"a")] = b"broken"
    with capture_logs() as lines:
        assert states(*table.go_round(9 * RETENTION)) == [(b"b", None)]
    assert {(line["event"], line["order_id"]) for line in lines} == {("an order cannot be looked at", "a")}
    assert row_key(b"a") in table.left()
