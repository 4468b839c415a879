"""What a simulation sends is made from its seed alone, and becomes what it says."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from bridge.simulator.deliveries import Delivery, Mix, deliveries
from schemas.acceptance import Quarantined, accept
from schemas.keytable import EVENT_NAMES, KeyTable
from schemas.outcome import Outcome
from tests.unit.ledger.records import TENANT, outcomes

START = datetime(2026, 1, 1, tzinfo=UTC)
MIX = Mix(orders=60, duplicates=0.25, conflicts=0.02, malformed=0.05, disorder=1.0)


def simulated(mix: Mix = MIX, seed: int = 1) -> list[Delivery]:
    return deliveries(seed, mix, TENANT, START)


def test_the_same_seed_sends_the_same_bytes_in_the_same_order() -> None:
    assert simulated() == simulated()


def test_another_seed_sends_other_events() -> None:
    first, second = ({delivery.body for delivery in simulated(seed=seed)} for seed in (1, 2))
    assert not {body for body in first & second if b'"id"' in body}


def test_every_delivery_becomes_what_its_kind_says_counted_over_all() -> None:
    """In whatever order they arrive: re-deliveries are duplicates, other payloads conflicts, the broken quarantined."""
    sent = simulated()
    expected = Counter(delivery.kind.value for delivery in sent)
    for seed in range(3):
        random.Random(seed).shuffle(sent)
        assert Counter(outcomes([delivery.body for delivery in sent])) == expected


def test_the_shares_are_shares_of_all_deliveries() -> None:
    sent = simulated()
    shares = {kind: count / len(sent) for kind, count in Counter(delivery.kind for delivery in sent).items()}
    assert shares[Outcome.DUPLICATE] == pytest.approx(MIX.duplicates, abs=0.005)
    assert shares[Outcome.CONFLICT] == pytest.approx(MIX.conflicts, abs=0.005)
    assert shares[Outcome.QUARANTINED] == pytest.approx(MIX.malformed, abs=0.005)


def test_shares_that_leave_no_events_are_refused() -> None:
    with pytest.raises(ValueError, match="together"):
        Mix(orders=1, duplicates=0.5, conflicts=0.3, malformed=0.2)


def test_every_broken_body_is_one_that_the_ingress_quarantines() -> None:
    for delivery in simulated(Mix(orders=60, malformed=0.5)):
        accepted = accept(
            delivery.body,
            content_encoding=None,
            tenant=TENANT,
            table=KeyTable.shipped(),
            received_at_ms=0,
            traceparent=None,
        )
        assert isinstance(accepted, Quarantined) == (delivery.kind is Outcome.QUARANTINED)


def names(sent: list[Delivery]) -> list[str]:
    return [orjson.loads(delivery.body)["name"] for delivery in sent]


def test_only_events_that_newstore_documents_are_sent() -> None:
    assert set(names(simulated(Mix(orders=200)))) <= set(EVENT_NAMES)


def test_every_documented_event_of_an_order_occurs() -> None:
    entities = ("order.", "fulfillment_request.", "invoice.", "return.", "refund_request.", "payment_account.")
    of_orders = {name for name in EVENT_NAMES if name.startswith(entities)}
    assert of_orders <= set(names(simulated(Mix(orders=400))))


def places(sent: list[Delivery], name: str) -> dict[str, int]:
    """Order id -> place of its first event of this name."""
    found: dict[str, int] = {}
    for place, delivery in enumerate(sent):
        envelope = orjson.loads(delivery.body)
        if envelope["name"] == name:
            found.setdefault(envelope["payload"]["id"], place)
    return found


def test_without_disorder_orders_begin_with_their_creation() -> None:
    sent = simulated(Mix(orders=60, duplicates=0.2))
    created = places(sent, "order.created")
    for name in ("order.opened", "order.cancelled", "order.completed"):
        assert all(created[order] < place for order, place in places(sent, name).items())


def test_without_disorder_each_delivery_becomes_what_its_kind_says() -> None:
    """Nothing is delivered again, or otherwise, before it was delivered first."""
    sent = simulated(replace(MIX, disorder=0.0))
    assert outcomes([delivery.body for delivery in sent]) == [delivery.kind.value for delivery in sent]


def test_full_disorder_brings_cancellations_before_their_orders() -> None:
    sent = simulated(Mix(orders=60, disorder=1.0))
    created, cancelled = places(sent, "order.created"), places(sent, "order.cancelled")
    assert any(place < created[order] for order, place in cancelled.items())


def test_the_totals_of_an_order_add_up() -> None:
    """grand_total = subtotal less discount_total + shipping_total + shipping_tax + tax_total, as in real data."""
    payloads = [orjson.loads(delivery.body)["payload"] for delivery in simulated(Mix(orders=60))]
    placed = [payload for payload in payloads if "grand_total" in payload]
    assert len(placed) > 60
    for order in placed:
        parts = ("subtotal", "shipping_total", "shipping_tax", "tax_total")
        assert order["grand_total"] == pytest.approx(sum(order[part] for part in parts) - order["discount_total"])
