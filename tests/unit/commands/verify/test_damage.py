"""A ledger of topics with an unreadable batch: that is told, and all else is compared."""

import pytest

from commands.terminal.damage import Damage
from commands.terminal.output import InertConsole
from commands.verify.balance import Fault, Ledger
from commands.verify.view import document, show
from schemas.outcome import Outcome
from tests.unit.commands.verify.ledgers import CREATED, OPENED, ORDERS, RAW, cleaned, ledger, raw


async def test_what_cannot_be_read_of_raw_is_no_fault_of_what_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it a fault that the same event is dropped behind it, as a duplicate of what nobody can read any more."""
    found = await ledger(
        monkeypatch,
        raw=[raw(0, OPENED), raw(1, CREATED, damaged=True), raw(2, CREATED)],
        orders=[cleaned(0, OPENED, "order.opened", "0:0"), cleaned(1, CREATED, "order.created", "0:1")],
    )
    assert (found.raw, found.faults.total()) == (2, 0)
    assert found.outcomes == {Outcome.UNIQUE: 1, Outcome.DUPLICATE: 1}
    assert (found.unreadable, found.balanced) == ([Damage(RAW, 1, 2)], False)


async def test_an_output_that_names_no_record_of_raw_is_unexpected(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ledger(
        monkeypatch,
        raw=[raw(0, OPENED)],
        orders=[cleaned(0, OPENED, "order.opened", "0:0"), cleaned(1, CREATED, "order.created", "nonsense")],
    )
    assert (found.faults, found.balanced) == ({Fault.UNEXPECTED: 1}, False)


async def test_what_was_never_processed_of_it_may_pass_when_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ledger(
        monkeypatch,
        raw=[raw(0, OPENED), raw(1, CREATED, damaged=True), raw(2, CREATED)],
        orders=[cleaned(0, OPENED, "order.opened", "0:0"), cleaned(1, CREATED, "order.created", "0:2")],
    )
    assert (found.faults.total(), found.outcomes) == (0, {Outcome.UNIQUE: 2})


async def test_what_cannot_be_read_of_a_cleaned_topic_counts_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ledger(
        monkeypatch,
        raw=[raw(0, OPENED, CREATED)],
        orders=[cleaned(0, OPENED, "order.opened", "0:0", damaged=True), cleaned(1, CREATED, "order.created", "0:1")],
    )
    assert found.faults == {Fault.LOST: 1}
    assert found.unreadable == [Damage(ORDERS, 0, 1)]


def test_it_is_told_with_the_offset_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = Ledger(unreadable=[Damage(RAW, 7, 10)])
    show(InertConsole(width=200), found)
    text = " ".join(capsys.readouterr().out.split())
    assert f"{RAW.topic}/0: offsets 7 to 9 cannot be read" in text
    assert "the first offset behind it is 10" in text
    assert "Not balanced" in text
    (told,) = document(found)["unreadable"]
    assert told == {"topic": RAW.topic, "partition": 0, "first_offset": 7, "offset_behind": 10}
    assert document(found)["balanced"] is False
