"""What topics contain, made without Kafka: a simulation's records, real shapes, oddities; and order states."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import orjson

from commands.simulate.deliveries import deliveries
from commands.simulate.mix import Mix
from processors.orders.apply import Applied, OrderRules, apply
from processors.orders.fact import Fact, fact_of
from schemas import headers as header
from schemas.acceptance import Accepted, accept
from schemas.keytable import KeyTable
from schemas.outcome import Outcome
from tests.integration.oddities.case import Cleaned, Passed
from tests.integration.oddities.cases import CASES

_SAMPLES: Final = Path(__file__).parent / "data" / "samples"
_TENANT: Final = "demo-tenant"
_TABLE: Final = KeyTable.shipped()
_RULES: Final = OrderRules(writes_lines=True)
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MIX: Final = Mix(orders=150, duplicates=0.05, conflicts=0.03, malformed=0.02, disorder=0.2)


@cache
def events() -> tuple[bytes, ...]:
    """The bodies of cleaned topics: some 2,200, of every name, with all oddities of the simulator."""
    return tuple(accepted.value for accepted in _accepted())


def states() -> tuple[bytes, ...]:
    """Documents of these events' orders: for each order one from half of its events, and the last."""
    return tuple(applied.state for applied in _orders() if applied.state)


def lines() -> tuple[bytes, ...]:
    """The lines of these orders."""
    return tuple(line.value for applied in _orders() for line in applied.lines if line.value is not None)


@cache
def _orders() -> tuple[Applied, ...]:
    facts: dict[str, list[Fact]] = defaultdict(list)
    for offset, accepted in enumerate(_accepted()):
        headers = {**dict(accepted.headers), header.SOURCE: f"0:{offset}".encode()}
        fact = fact_of(accepted.value, headers)
        if fact is not None:
            facts[fact.order_id].append(fact)
    made = []
    for of_order in facts.values():
        half = apply(None, of_order[: len(of_order) // 2 + 1], _RULES)
        made += [half, apply(half.row, of_order, _RULES)]
    return tuple(made)


def samples() -> tuple[bytes, ...]:
    """Events in NewStore's real shape."""
    return tuple(file.read_bytes() for file in sorted(_SAMPLES.glob("*.json")))


def oddities() -> Iterator[bytes]:
    """The bodies of oddities in cleaned topics, without those that no common JSON parser reads."""
    for case in CASES:
        for delivery in case.deliveries:
            if isinstance(delivery.outcome, Cleaned | Passed):
                try:
                    orjson.loads(delivery.body)
                except orjson.JSONDecodeError:
                    continue
                yield delivery.body


def _accepted() -> Iterator[Accepted]:
    for delivery in deliveries(16, _MIX, _TENANT, _START):
        if delivery.kind in {Outcome.UNIQUE, Outcome.CONFLICT}:
            accepted = accept(
                delivery.body,
                content_encoding=None,
                tenant=_TENANT,
                table=_TABLE,
                received_at_ms=0,
                traceparent=None,
            )
            assert isinstance(accepted, Accepted)
            yield accepted
