"""`bridge verify` over topics that were filled by hand: what is right balances, and every fault is found."""

import json
import time
from typing import Any

import pytest

from bridge.settings import Settings
from schemas.instant import rfc3339_millis
from tests.integration.commands.broker import Broker
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand, Raw, order_event

OPENED = order_event("order.opened", "o1")
OPENED_ID = "acme/order.opened/o1"
CREATED = order_event("order.created", "o1")
CREATED_OTHERWISE = order_event("order.created", "o1", note="b")


def ledger(bridge: Run, *options: str, balanced: bool, wait: str = "0s") -> dict[str, Any]:
    """The ledger as JSON; the exit code must say the same."""
    result = bridge("verify", "--wait", wait, "-o", "json", *options)
    assert result.exit_code == (0 if balanced else 1), result.output
    document: dict[str, Any] = json.loads(result.stdout)
    assert document["balanced"] is balanced
    return document


def faults(document: dict[str, Any]) -> dict[str, int]:
    return {fault: count for fault, count in document["faults"].items() if count}


def written(hand: ByHand) -> Raw:
    """A raw record that counts as processed, whatever became of it."""
    raw = hand.raw(OPENED)
    hand.processed(raw_offset=1)
    return raw


def test_empty_topics_balance(bridge: Run, hand: ByHand) -> None:
    assert ledger(bridge, balanced=True)["raw"] == 0


def test_every_outcome_balances_and_is_counted(bridge: Run, hand: ByHand) -> None:
    hand.cleaned(hand.raw(OPENED), "o1", OPENED_ID)
    hand.raw(OPENED)
    hand.cleaned(hand.raw(CREATED), "o1", "acme/order.created/o1")
    hand.conflict(hand.raw(CREATED_OTHERWISE), "order.created")
    hand.quarantined(hand.raw(b"{"))
    hand.refused_by_ingress(b"[")
    hand.processed(raw_offset=5, orders_offset=2)
    document = ledger(bridge, balanced=True)
    assert document["outcomes"] == {"unique": 2, "duplicate": 1, "conflict": 1, "quarantined": 1}
    assert document["quarantined_by_ingress"] == {"invalid_json": 1}
    assert document["conflicts_passed"] == 0


def test_a_lost_record_is_found(bridge: Run, hand: ByHand) -> None:
    written(hand)
    document = ledger(bridge, balanced=False)
    assert faults(document) == {"lost": 1}
    assert document["examples"][0]["source"] == "0:0"


def test_a_lost_conflict_is_found(bridge: Run, hand: ByHand) -> None:
    hand.cleaned(hand.raw(CREATED), "o1", "acme/order.created/o1")
    hand.raw(CREATED_OTHERWISE)
    hand.processed(raw_offset=2, orders_offset=1)
    assert faults(ledger(bridge, balanced=False)) == {"lost": 1}


def test_a_duplicated_record_is_found(bridge: Run, hand: ByHand) -> None:
    raw = written(hand)
    hand.cleaned(raw, "o1", OPENED_ID)
    hand.cleaned(raw, "o1", OPENED_ID)
    hand.processed(orders_offset=2)
    assert faults(ledger(bridge, balanced=False)) == {"duplicated": 1}


def test_an_altered_value_is_found(bridge: Run, hand: ByHand) -> None:
    hand.cleaned(Raw(OPENED + b" ", written(hand).source), "o1", OPENED_ID)
    hand.processed(orders_offset=1)
    assert faults(ledger(bridge, balanced=False)) == {"altered": 1}


def test_an_altered_key_is_found(bridge: Run, hand: ByHand) -> None:
    hand.cleaned(written(hand), "o2", OPENED_ID)
    hand.processed(orders_offset=1)
    assert faults(ledger(bridge, balanced=False)) == {"altered": 1}


def test_an_altered_event_id_is_found(bridge: Run, hand: ByHand) -> None:
    hand.cleaned(written(hand), "o1", "acme/order.opened/o2")
    hand.processed(orders_offset=1)
    assert faults(ledger(bridge, balanced=False)) == {"altered": 1}


def test_a_record_in_the_wrong_topic_is_found(bridge: Run, hand: ByHand, settings: Settings) -> None:
    hand.cleaned(written(hand), "o1", OPENED_ID, topic=settings.topics.customers)
    assert faults(ledger(bridge, balanced=False)) == {"wrong topic": 1}


def test_a_duplicate_that_was_passed_on_is_found(bridge: Run, hand: ByHand) -> None:
    for raw in (hand.raw(OPENED), hand.raw(OPENED)):
        hand.cleaned(raw, "o1", OPENED_ID)
    hand.processed(raw_offset=2, orders_offset=2)
    assert faults(ledger(bridge, balanced=False)) == {"unexpected": 1}


def test_an_output_of_a_record_that_does_not_exist_is_found(bridge: Run, hand: ByHand) -> None:
    hand.cleaned(written(hand), "o1", OPENED_ID)
    hand.cleaned(Raw(OPENED, "7:0"), "o1", OPENED_ID)
    hand.processed(orders_offset=2)
    assert faults(ledger(bridge, balanced=False)) == {"unexpected": 1}


def test_an_event_that_no_handler_could_process_is_quarantined_and_one_by_the_rules_is_not(
    bridge: Run, hand: ByHand
) -> None:
    """Only that reason explains a valid event in quarantine. Its re-delivery is the first of its key."""
    hand.quarantined(hand.raw(OPENED), "handler_failed")
    hand.cleaned(hand.raw(OPENED), "o1", OPENED_ID)
    hand.processed(raw_offset=2, orders_offset=1)
    document = ledger(bridge, balanced=True)
    assert (document["outcomes"]["quarantined"], document["outcomes"]["unique"]) == (1, 1)
    hand.quarantined(hand.raw(CREATED))
    hand.processed(raw_offset=3, orders_offset=1)
    assert faults(ledger(bridge, balanced=False)) == {"wrong topic": 1}


def test_what_is_not_processed_in_time_is_pending_and_not_balanced(bridge: Run, hand: ByHand) -> None:
    hand.cleaned(written(hand), "o1", OPENED_ID)
    hand.raw(CREATED)
    hand.processed(orders_offset=1)
    document = ledger(bridge, balanced=False)
    assert (document["pending"], document["raw"], faults(document)) == (1, 1, {})


def test_transaction_markers_and_aborted_records_are_no_lag(bridge: Run, hand: ByHand, settings: Settings) -> None:
    """The group's offset stays below them: a worker has nothing behind them to commit."""
    hand.cleaned(written(hand), "o1", OPENED_ID)
    for topic in (settings.topics.raw, settings.topics.orders):
        hand.aborted_transaction(topic)
    hand.processed(orders_offset=1)
    assert ledger(bridge, balanced=True, wait="30s")["pending"] == 0


def test_since_a_time_it_compares_what_was_received_from_then_on_and_reads_nothing_before(
    bridge: Run, hand: ByHand
) -> None:
    """Otherwise it would have to remember every record of raw, for which a large deployment has no memory."""
    now = int(time.time() * 1000)
    hand.raw(OPENED, timestamp=now - 7_200_000)  # lost, but before
    hand.cleaned(hand.raw(CREATED, timestamp=now), "o1", "acme/order.created/o1", timestamp=now)
    hand.raw(OPENED, timestamp=now)  # its key's first delivery was before, so it may be a duplicate
    hand.processed(raw_offset=3, orders_offset=1)
    assert faults(ledger(bridge, balanced=False)) == {"lost": 1}
    document = ledger(bridge, "--since", "1h", balanced=True)
    assert (document["raw"], document["outcomes"]["unique"], document["outcomes"]["duplicate"]) == (2, 1, 1)
    later = OPENED.replace(b"2026-01-01T00:00:00Z", rfc3339_millis(now + 61_000).encode()).replace(b"o1", b"o2")
    hand.raw(later, timestamp=now + 62_000)
    hand.processed(raw_offset=4, orders_offset=1)
    assert faults(ledger(bridge, "--since", "1h", balanced=False)) == {"lost": 1}


def test_since_a_time_within_what_retention_has_left_no_more_is_missed_than_is_there(
    bridge: Run, hand: ByHand, settings: Settings
) -> None:
    now = int(time.time() * 1000)
    for number, ago_ms in enumerate((7_200_000, 3_000_000, 0)):
        event = order_event("order.created", f"o{number}")
        written = hand.raw(event, timestamp=now - ago_ms)
        hand.cleaned(written, f"o{number}", f"acme/order.created/o{number}", timestamp=now - ago_ms)
    hand.processed(raw_offset=3, orders_offset=3)
    hand.delete_before(settings.topics.orders, 1)
    document = ledger(bridge, "--since", "1h", balanced=True)
    assert (document["before_watermark"], document["raw"]) == (0, 2)
    hand.delete_before(settings.topics.orders, 2)
    document = ledger(bridge, "--since", "1h", balanced=True)
    assert (document["before_watermark"], document["raw"]) == (1, 1)


def test_since_a_time_behind_a_migration_a_first_delivery_may_lie_in_another_partition(
    bridge: Run, hand: ByHand, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new partition begins with the duplicate: it has no beginning of its own that was not read."""
    now = int(time.time() * 1000)
    raw = hand.raw(CREATED, timestamp=now - 7_200_000)
    hand.cleaned(raw, "o1", "acme/order.created/o1", timestamp=now - 7_200_000)
    hand.processed(raw_offset=1, orders_offset=1)
    monkeypatch.setenv("BRIDGE_PARTITIONS", "4")
    assert bridge("topics", "migrate", "--yes").exit_code == 0
    hand = ByHand(settings)  # the first one's client does not know the new partitions yet
    hand.raw(CREATED, timestamp=now, partition=3)
    hand.processed(raw_offset=1, partition=3)
    document = ledger(bridge, "--since", "1h", balanced=True)
    assert (document["raw"], document["outcomes"]["duplicate"]) == (1, 1)
    later = order_event("order.created", "o2").replace(b"2026-01-01T00:00:00Z", rfc3339_millis(now).encode())
    hand.raw(later, timestamp=now, partition=3)
    hand.processed(raw_offset=2, partition=3)
    assert faults(ledger(bridge, "--since", "1h", balanced=False)) == {"lost": 1}


def test_orders_whose_documents_went_with_their_topic_are_lost(bridge: Run, hand: ByHand, settings: Settings) -> None:
    """The topic was once deleted and made anew: every service was ready, `topics check` content, and this balanced."""
    topic, now = settings.topics.order_state, int(time.time() * 1000)
    for number, ago_ms in enumerate((7_200_000, 0)):
        raw = hand.raw(order_event("order.created", f"o{number}"), timestamp=now - ago_ms)
        hand.cleaned(raw, f"o{number}", f"acme/order.created/o{number}", timestamp=now - ago_ms)
    hand.processed(raw_offset=2, orders_offset=2)
    assert ledger(bridge, balanced=True)["orders_without_document"] == 0
    Broker(settings).delete("order-state")
    assert bridge("topics", "apply", "--yes").exit_code == 0
    document = ledger(bridge, balanced=False)
    assert (faults(document), document["orders_without_document"]) == ({"lost": 2}, 2)
    assert document["examples"][0]["detail"] == f"its order o0 has no document in {topic}"
    assert ledger(bridge, "--since", "1h", balanced=False)["orders_without_document"] == 1


@pytest.mark.parametrize("dataset", ["raw", "orders", "order_state", "quarantine"])
def test_what_an_open_transaction_hides_is_told_and_does_not_balance(
    bridge: Run, hand: ByHand, settings: Settings, dataset: str
) -> None:
    """It once said "balanced" while thousands of acknowledged records lay behind an open transaction."""
    topic = getattr(settings.topics, dataset)
    hand.cleaned(hand.raw(OPENED), "o1", OPENED_ID)
    hand.processed(raw_offset=1, orders_offset=1)
    rogue = hand.open_transaction(topic)
    first = int(dataset != "quarantine")
    hidden = {"topic": topic, "partition": 0, "first_offset": first, "offsets": 1}
    assert ledger(bridge, balanced=False)["open_transactions"] == [hidden]
    *_, told, remedy, verdict = bridge("verify", "--wait", "0s").stdout.splitlines()
    assert told == f"{topic}/0: a transaction is open: 1 offsets from {first} on wait for it."
    assert "bridgetransactionopen" in remedy
    assert verdict == "Not balanced: 0 lost, 0 duplicated."
    hand.abort(rogue, topic)
    assert ledger(bridge, balanced=True)["open_transactions"] == []


def test_without_topics_it_says_what_to_run(bridge: Run) -> None:
    result = bridge("verify")
    assert result.exit_code == 2
    assert "bridge topics apply" in result.stderr


def test_the_table_ends_with_the_verdict(bridge: Run, hand: ByHand) -> None:
    written(hand)
    lines = bridge("verify", "--wait", "0s").stdout.splitlines()
    assert "lost: raw record 0:0: it is missing in" in lines[-2]
    assert lines[-1] == "Not balanced: 1 lost, 0 duplicated."
