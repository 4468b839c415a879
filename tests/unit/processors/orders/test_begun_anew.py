"""An order that was forgotten begins anew by whatever comes first, also by what cannot be joined, and says so."""

from typing import Any

import pytest

from processors.orders import agent, second_try
from processors.orders.apply import Applied, apply
from tests.unit.processors.orders.kept import RETENTION, Table, states
from tests.unit.processors.orders.sweeps import record
from tests.unit.processors.orders.units import FakeUnit

LATER = 3_000 + RETENTION


@pytest.fixture
def forgotten() -> Table:
    """It has had an order, and forgotten it."""
    table = Table()
    table.deliver(record(0, "created", "a", at=1_000))
    table.go_round(2_000 + RETENTION)
    return table


def state(*units: FakeUnit) -> dict[str, Any]:
    [(_, found)] = states(*units)
    assert found is not None
    return found


def refused(table: Table) -> FakeUnit:
    unit = FakeUnit([record(1, "completed", "a", at=LATER)], table.rows)
    table.orders.refuse(unit, ValueError("a bug"))  # type: ignore[arg-type]  # takes the unit's place
    return unit


def too_large(table: Table, monkeypatch: pytest.MonkeyPatch) -> FakeUnit:
    monkeypatch.setattr(agent, "fitting", lambda *_: (0, None))
    return table.deliver(record(1, "completed", "a", at=LATER))


def test_by_one_that_can_be_joined(forgotten: Table) -> None:
    assert state(forgotten.deliver(record(1, "completed", "a", at=LATER)))["partial_history"] is True


def test_by_one_on_which_the_code_fails(forgotten: Table) -> None:
    """It awaited `order.created`, for ever, as all that came later did."""
    assert state(refused(forgotten))["partial_history"] is True


def test_by_one_that_is_too_large(forgotten: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(too_large(forgotten, monkeypatch))["partial_history"] is True


def test_by_one_that_is_kept_and_tried_again(forgotten: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its order could not even list it."""

    def fails(*_: object) -> Applied:
        raise ValueError("a bug")

    with monkeypatch.context() as before:
        before.setattr(agent, "set_aside", fails)
        refused(forgotten)
    applied: list[bytes | None] = []

    def observed(row: bytes | None, *said: Any) -> Applied:
        applied.append(row)
        return apply(row, *said)

    monkeypatch.setattr(second_try, "apply", observed)
    forgotten.restart(forgotten.orders._rules)
    later = forgotten.deliver(record(2, "created", "b", at=LATER))
    assert dict(states(later))[b"a"] is not None
    assert applied[0] is not None
    assert dict(states(later))[b"a"]["partial_history"] is True  # type: ignore[index]  # it is not None
