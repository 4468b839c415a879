"""`bridge verify` where retention has deleted records: what is gone by right is not missed, and hides no loss."""

import time

import pytest

from bridge.settings import Settings
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand
from tests.integration.commands.test_verify import (
    CREATED,
    OPENED,
    OPENED_ID,
    faults,
    ledger,
    written,
)


def test_what_retention_has_deleted_is_not_missed(bridge: Run, hand: ByHand, settings: Settings) -> None:
    """The ledger begins at the latest low watermark. Older records are counted, not compared."""
    now = int(time.time() * 1000)
    old, new = hand.raw(OPENED, timestamp=now - 5000), hand.raw(CREATED, timestamp=now)
    hand.cleaned(old, "o1", OPENED_ID, timestamp=now - 5000)
    hand.cleaned(new, "o1", "acme/order.created/o1", timestamp=now)
    hand.processed(raw_offset=2, orders_offset=2)
    hand.delete_before(settings.topics.orders, 1)
    document = ledger(bridge, balanced=True)
    assert (document["before_watermark"], document["raw"]) == (1, 1)


def test_what_retention_has_deleted_before_it_was_processed_is_pending(
    bridge: Run, hand: ByHand, settings: Settings
) -> None:
    """It is, though no record is left to wait for: the lane halts over the loss, and the orders lack it."""
    hand.cleaned(written(hand), "o1", OPENED_ID)
    hand.processed(orders_offset=0)
    hand.delete_before(settings.topics.orders, 1)
    assert ledger(bridge, balanced=False)["orders_pending"] == 1
    hand.processed(orders_offset=1)
    hand.raw(CREATED)
    hand.delete_before(settings.topics.raw, 2)
    assert ledger(bridge, balanced=False)["pending"] == 1


def test_what_retention_has_deleted_is_pending_where_the_group_has_no_offset(
    bridge: Run, hand: ByHand, settings: Settings
) -> None:
    """Kafka forgets the offsets of a group that was empty for a week, and a lane that halts commits none anew."""
    hand.cleaned(written(hand), "o1", OPENED_ID)
    for topic in (settings.topics.raw, settings.topics.orders):
        hand.delete_before(topic, 1)
    document = ledger(bridge, balanced=False)
    assert (document["orders_pending"], faults(document)) == (1, {})
    hand.processed(orders_offset=1)
    assert ledger(bridge, balanced=True)["orders_pending"] == 0


@pytest.mark.parametrize("dataset", ["inventory", "conflicts", "quarantine"])
def test_what_retention_has_left_of_a_topic_where_little_comes_hides_no_loss_elsewhere(
    bridge: Run, hand: ByHand, settings: Settings, dataset: str
) -> None:
    """Its oldest record may be of today, and the ledger once began there for every topic."""
    now = int(time.time() * 1000)
    hand.raw(CREATED, timestamp=now - 3_600_000)  # lost
    for ago_ms in (7_200_000, 0):
        hand.anywhere(getattr(settings.topics, dataset), timestamp=now - ago_ms)
    hand.processed(raw_offset=1)
    assert faults(ledger(bridge, balanced=False))["lost"] == 1
    hand.delete_before(getattr(settings.topics, dataset), 1)
    document = ledger(bridge, balanced=False)
    assert (faults(document)["lost"], document["before_watermark"]) == (1, 0)


def test_a_duplicate_of_a_deleted_raw_record_is_no_loss(bridge: Run, hand: ByHand, settings: Settings) -> None:
    hand.cleaned(hand.raw(OPENED), "o1", OPENED_ID)
    hand.raw(OPENED)
    hand.processed(raw_offset=2, orders_offset=1)
    hand.delete_before(settings.topics.raw, 1)
    document = ledger(bridge, balanced=True)
    assert document["outcomes"]["duplicate"] == 1
