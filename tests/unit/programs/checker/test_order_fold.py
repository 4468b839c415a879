"""The checker's fold and the bridge's are written apart: if they differ over an order, one of them is wrong."""

import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from commands.simulate.deliveries import deliveries
from commands.simulate.event import Delivery
from commands.simulate.mix import Mix
from schemas.routing import order_id_of
from tests.programs.checker.expected import Expected, expected_outputs
from tests.programs.checker.meaning import Meaning
from tests.programs.checker.names import ORDERS
from tests.programs.checker.order_states import wrong_order_states
from tests.unit.commands.simulate.retailer import START
from tests.unit.processors.orders.facts import TENANT
from tests.unit.programs.checker.folded import PARTITIONS, facts_of, fold, states, stored

pytestmark = pytest.mark.thorough

MIX = Mix(orders=400, duplicates=0.1, conflicts=0.05, disorder=1, disorder_window=timedelta(days=2))


def meaning_of(delivery: Delivery) -> Meaning | None:
    """None: the event names no order."""
    assert delivery.event is not None
    payload: dict[str, Any] = json.loads(delivery.body)["payload"]
    if (order := order_id_of(delivery.event, payload)) is None:
        return None
    documented = delivery.event == "order.created"
    return Meaning(str(delivery.number), delivery.correction, ORDERS, order, order, key_documented=documented)


def expected(share: float, rng: Random) -> list[Expected]:
    """What is expected of this share of some orders' events. Some are sent again or contradicted, out of order."""
    sent = [each for each in deliveries(7, MIX, TENANT, START) if each.number is not None]
    kept = {number for number in sorted({each.number or 0 for each in sent}) if rng.random() < share}
    meanings = {each.body: meaning_of(each) for each in sent if each.number in kept}
    bodies = [each.body for each in sent if meanings.get(each.body)]
    return list(expected_outputs(stored(bodies), meanings))


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5])
def test_both_folds_agree_on_simulated_orders_some_of_whose_events_are_missing(share: float) -> None:
    outputs = expected(share, Random(1))
    found = states(fold(facts_of(outputs)))
    documents = [json.loads(record.value or b"") for record in found]
    assert len(documents) > 300
    for part in ("contradictions", "returns", "refund_requests"):
        assert sum(bool(document[part]) for document in documents) > 10, part
    assert list(wrong_order_states(outputs, found, PARTITIONS)) == []
