"""What `bridge erase` shows before it asks."""

import pytest

from bridge.settings import Settings
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand, order_event
from tests.integration.waiting import PATIENCE


def test_records_of_a_transaction_that_is_open_or_was_aborted_lie_there_and_are_listed(
    bridge: Run, settings: Settings
) -> None:
    assert bridge("topics", "apply", "--yes").exit_code == 0
    hand, place = ByHand(settings), [settings.topics.raw, "0", "1", "0"]  # of partition 0 one record, at 0
    rogue = hand.open_transaction(settings.topics.raw, order_event("order.opened", "o1"))
    shown = bridge("erase", "--order", "o1")
    assert place in [line.split()[:4] for line in shown.output.splitlines()], shown.output
    rogue.abort_transaction(PATIENCE)
    assert bridge("erase", "--order", "o1").output == shown.output


def test_nobody_is_told_that_a_customer_has_no_orders_before_all_is_processed(
    bridge: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order once appeared afterwards. One that is asked for by its id may be erased before it comes."""
    monkeypatch.setattr("commands.erase.plan.WAIT_S", 0.0)
    assert bridge("topics", "apply", "--yes").exit_code == 0
    hand = ByHand(settings)
    created = hand.raw(order_event("order.created", "o1", customer_id="c-1"))
    erased = bridge("erase", "--customer", "c-1", "--yes")
    assert (erased.exit_code, "1 records are not processed yet" in erased.stderr) == (2, True), erased.output
    assert settings.topics.raw in erased.stdout  # where it lies is shown
    assert "not processed" not in bridge("erase", "--order", "o1").stderr
    hand.processed(raw_offset=1)
    hand.cleaned(created, "o1", "any")
    assert bridge("erase", "--customer", "c-1", "--yes").exit_code == 2  # the orders topic is not processed
    hand.processed(orders_offset=1)
    erased = bridge("erase", "--customer", "c-1", "--yes")
    assert (erased.exit_code, "nothing to do" in erased.stderr) == (0, True), erased.output
    hand.open_transaction(settings.topics.raw)
    erased = bridge("erase", "--customer", "c-1", "--yes", transaction_timeout="1s")
    assert (erased.exit_code, "a transaction is open" in erased.stderr) == (2, True), erased.output
