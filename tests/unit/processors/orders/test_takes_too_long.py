"""Events on which the code does not end, when it tries them again or lists them: nothing else waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from processors.engine import cpu_limit
from processors.engine.cpu_limit import TookTooLongError, within_cpu_limit
from processors.orders import agent, second_try, too_large, waiting
from tests.unit.processors.orders.test_unprocessed import CREATED, OPENED, Table
from tests.unit.processors.orders.waiting import tables

pytestmark = pytest.mark.thorough  # they use up CPU time


@contextmanager
def little_cpu() -> Iterator[None]:
    """For work that spins. Real work must not come near this limit."""
    with pytest.MonkeyPatch.context() as limit:
        limit.setattr(cpu_limit, "CPU_LIMIT_S", 0.1)
        yield


def spin(*_: Any) -> None:
    while True:
        pass


def test_one_that_takes_too_long_again_stays_and_the_records_beside_it_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.refuse(OPENED)
    monkeypatch.setattr(second_try, "within", spin)
    with little_cpu():
        assert len(table.restarted().process(CREATED).states()) == 1
    assert table.kept() == [b"unprocessed/0:1"]


def test_one_that_takes_too_long_to_be_listed_is_kept_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "list_unprocessed", spin)
    table = Table()
    with little_cpu():
        table.refuse(OPENED)
    assert table.kept() == [b"unprocessed/0:1"]


def test_what_waits_for_an_order_that_takes_too_long_holds_up_no_other_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tick is given up once. Then the order is left alone, until the next process."""
    for name, size in {"LARGE_BYTES": 1_000, "_EACH_BYTES": 100, "_BYTES_PER_MS": tables.BYTES_PER_MS}.items():
        monkeypatch.setattr(waiting, name, size)
    table = tables.Table()

    def fitting(row: Any, facts: Any, *rest: Any) -> Any:
        return spin() if facts[0].order_id == "bad" else too_large.fitting(row, facts, *rest)

    tables.begun(table, "bad")
    table.now += 1
    tables.begun(table, "good")
    table.now = tables.LATER
    monkeypatch.setattr(agent, "fitting", fitting)
    with little_cpu(), pytest.raises(TookTooLongError):
        within_cpu_limit(table.tick)
    within_cpu_limit(table.tick)
    assert table.keys(b"pending/") == [b"pending/bad"]
    monkeypatch.setattr(agent, "fitting", too_large.fitting)
    mended = tables.Table()
    mended.rows = table.rows
    mended.join()
