"""The checker's fold and the bridge's are written apart: where they differ over some orders, one of them is wrong."""

import json
from collections.abc import Iterable, Iterator
from random import Random

import pytest

from processors.orders.apply import apply
from processors.orders.fact import fact_of
from schemas.routing import order_id_of
from tests.programs.checker.expected import Expected
from tests.programs.checker.meaning import Meaning
from tests.programs.checker.murmur2 import partition_of
from tests.programs.checker.names import ORDER_STATE, ORDERS, RAW
from tests.programs.checker.order_states import wrong_order_states
from tests.programs.checker.record import Record
from tests.unit.commands.simulate.retailer import published
from tests.unit.processors.orders.facts import EVERYTHING, TENANT, cleaned


def expected(share: float, rng: Random) -> Iterator[Expected]:
    """This share of some orders' events, as read from the raw topic in an order that is not that of publishing."""
    events = [event for event in published(400) if rng.random() < share]
    rng.shuffle(events)
    for offset, event in enumerate(events):
        if (order := order_id_of(event.name, event.payload)) is not None:
            raw = Record(RAW, 0, offset, event.name.encode(), event.body(TENANT), timestamp=1000 * offset + 7)
            yield Expected(ORDERS, order.encode(), raw, Meaning(str(offset), 0, ORDERS, order, order))


def states(outputs: Iterable[Expected]) -> list[Record]:
    """What the bridge makes of it."""
    rows: dict[bytes, bytes] = {}
    last: dict[bytes, bytes] = {}
    for output in outputs:
        raw = output.source
        body, headers = cleaned(raw.value or b"", received_at_ms=raw.timestamp, source=str(raw.source))
        fact, key = fact_of(body, headers), output.key or b""
        assert fact is not None
        applied = apply(rows.get(key), [fact], EVERYTHING)
        rows[key], last[key] = applied.row, applied.state
    return [Record(ORDER_STATE, partition_of(key, 4), 0, key, state) for key, state in last.items()]


@pytest.mark.parametrize("share", [1.0, 0.9, 0.5])
def test_both_folds_agree_on_simulated_orders_some_of_whose_events_are_missing(share: float) -> None:
    outputs = list(expected(share, Random(1)))
    found = states(outputs)
    assert len(found) > 300
    assert sum(bool(json.loads(record.value or b"")["returns"]) for record in found) > 20
    assert list(wrong_order_states(outputs, found, 4)) == []
