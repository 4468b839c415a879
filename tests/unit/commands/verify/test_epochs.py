"""A ledger of a deployment that has migrated: what other rules decided is not compared, all else is."""

import pytest

from commands.verify.balance import Fault
from schemas.outcome import Outcome
from tests.unit.commands.verify.ledgers import CREATED, OPENED, cleaned, ledger, raw


async def test_what_came_before_the_migration_is_counted_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ledger(
        monkeypatch,
        epochs=[(1,)],
        raw=[raw(0, OPENED), raw(1, CREATED)],
        orders=[cleaned(0, CREATED, "order.created", "0:1")],
    )
    assert (found.before_migration, found.outcomes, found.balanced) == (1, {Outcome.UNIQUE: 1}, True)


@pytest.mark.parametrize("epochs", [[(1000,)], [(1000,), (0,)]], ids=["the last one", "one before it"])
async def test_a_migration_of_a_raw_that_was_deleted_hides_nothing_of_this_one(
    monkeypatch: pytest.MonkeyPatch, epochs: list[tuple[int]]
) -> None:
    """The migration's offsets lie behind the end of this raw, where none of this raw's can."""
    found = await ledger(
        monkeypatch,
        epochs=epochs,
        raw=[raw(0, OPENED), raw(1, CREATED)],
        orders=[cleaned(0, CREATED, "order.created", "0:1")],
    )
    assert (found.before_migration, found.faults, found.balanced) == (0, {Fault.LOST: 1}, False)
