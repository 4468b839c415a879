"""The simulator's deliveries and their meanings: the sender knows which event each is about."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from commands.simulate import deliveries as simulator
from commands.simulate.mix import Mix
from tests.integration.exactly_once.deliveries import TENANT, Delivery
from tests.programs.checker.meaning import Meaning

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MIX: Final = Mix(
    orders=None,
    duplicates=0.22,
    conflicts=0.01,
    malformed=0.01,
    disorder=1.0,
    disorder_window=timedelta(minutes=30),
    replay=timedelta(hours=6),
)

_OF_AN_ORDER: Final = {"fulfillment_request", "invoice", "return", "refund_request", "payment_account"}
_DATASETS: Final = {
    "order": "orders",
    **dict.fromkeys(_OF_AN_ORDER, "orders"),
    "inventory_transaction": "inventory",
    "inventory_count": "inventory",
    "customer": "customers",
    "employee": "employees",
    "cash_drawer": "cash-drawers",
    "gift_card": "gift-cards",
}


def deliveries(seed: int, lines: tuple[int, ...]) -> Iterator[Delivery]:
    """Deliveries without end: a fifth comes again, all are late by up to half an hour of simulated time, and windows
    are replayed.

    `lines`: the numbers of lines from which each order's is drawn.
    """
    for sent in simulator.deliveries(seed, replace(_MIX, lines=lines), TENANT, _START):
        if sent.event is None:
            yield Delivery("", sent.body, None)
        else:
            yield Delivery(sent.event, sent.body, _meaning(sent.event, sent.body, str(sent.number), sent.correction))


def _meaning(name: str, body: bytes, number: str, correction: int) -> Meaning:
    payload: dict[str, Any] = json.loads(body)["payload"]
    entity = name.partition(".")[0]
    order = payload["id"] if entity == "order" else payload.get("order_id") if entity in _OF_AN_ORDER else None
    return Meaning(number, correction, _DATASETS[entity], order or payload["id"], order, name == "order.created")
