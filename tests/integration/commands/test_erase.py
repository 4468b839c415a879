"""What `bridge erase` shows before it asks."""

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
