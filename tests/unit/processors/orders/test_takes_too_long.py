"""Events on which the code does not come to an end, where it tries them again or lists them: nothing else waits."""

from typing import Any

import pytest

from processors.engine import cpu_limit
from processors.orders import agent, second_try
from tests.unit.processors.orders.test_unprocessed import CREATED, OPENED, Table


@pytest.fixture(autouse=True)
def little_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "CPU_LIMIT_S", 0.1)


def spin(*_: Any) -> None:
    while True:
        pass


def test_one_that_takes_too_long_again_stays_and_the_records_beside_it_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table()
    table.refuse(OPENED)
    monkeypatch.setattr(second_try, "apply", spin)
    assert len(table.restarted().process(CREATED).states()) == 1
    assert table.kept() == [b"unprocessed/0:1"]


def test_one_that_takes_too_long_to_be_listed_is_kept_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "list_unprocessed", spin)
    table = Table()
    table.refuse(OPENED)
    assert table.kept() == [b"unprocessed/0:1"]
