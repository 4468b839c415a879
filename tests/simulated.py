"""What a simulation with oddities puts into the topics: cleaned events and order states, made without Kafka."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final

from commands.simulate.deliveries import deliveries
from commands.simulate.mix import Mix
from processors.orders.apply import OrderRules, apply
from processors.orders.fact import Fact, fact_of
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.keytable import KeyTable
from schemas.outcome import Outcome

TENANT: Final = "demo-tenant"
_TABLE: Final = KeyTable.shipped()
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MIX: Final = Mix(orders=150, duplicates=0.05, conflicts=0.03, malformed=0.02, disorder=0.2)


@cache
def events() -> tuple[bytes, ...]:
    """The bodies of the cleaned topics: some 2,200, of every name, with all oddities of the simulator."""
    return tuple(accepted.value for accepted in _accepted())


@cache
def states() -> tuple[bytes, ...]:
    """The documents of the orders that these events are of: of each one when half of them were there, and the last."""
    facts: dict[str, list[Fact]] = defaultdict(list)
    for offset, accepted in enumerate(_accepted()):
        headers = {**dict(accepted.headers), header.SOURCE: f"0:{offset}".encode()}
        fact = fact_of(accepted.value, headers)
        if fact is not None:
            facts[fact.order_id].append(fact)
    made = []
    for of_order in facts.values():
        half = apply(None, of_order[: len(of_order) // 2 + 1], OrderRules())
        made += [half.state, apply(half.row, of_order, OrderRules()).state or half.state]
    return tuple(made)


def _accepted() -> Iterator[Accepted]:
    for delivery in deliveries(16, _MIX, TENANT, _START):
        if delivery.kind in {Outcome.UNIQUE, Outcome.CONFLICT}:
            accepted = accept(
                delivery.body,
                content_encoding=None,
                tenant=TENANT,
                table=_TABLE,
                received_at_ms=0,
                traceparent=None,
            )
            assert isinstance(accepted, Accepted)
            yield accepted
