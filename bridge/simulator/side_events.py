"""Events that belong to no order: stock, customers, staff, tills, gift cards."""

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from types import MappingProxyType
from typing import Any, Final

from bridge.simulator.event import Event, new_event, new_id

Payload = dict[str, Any]


def _items_received(rng: Random) -> Payload:
    return {
        "id": new_id(rng),
        "fulfillment_location_id": "NYC_SOHO",
        "associate_id": "unknown",
        "shipment_ref": f"IF{rng.randrange(10**7)}",
        "order_ref": f"TO{rng.randrange(10**7):07d}",
        "chunk_number": 1,
        "total_chunks": 1,
        "items": [{"product_id": f"{rng.randrange(10**10)}", "quantity": rng.randrange(1, 40)}],
    }


def _adjustment(rng: Random) -> Payload:
    return {
        "id": new_id(rng),
        "fulfillment_node_id": "WAREHOUSE_EAST",
        "adjustment_type": "relative",
        "adjustment_reason": "damaged",
        "origin_stock_location_name": "main",
        "associate_id": f"{rng.randrange(50)}",
        "chunk_number": 1,
        "total_chunks": 1,
        "items": [{"product_id": f"{rng.randrange(10**10)}", "quantity": -1}],
    }


def _items_counted(rng: Random) -> Payload:
    return {
        "id": new_id(rng),
        "count_type": "cycle",
        "fulfillment_location_id": "BER_MITTE",
        "chunk_number": 1,
        "total_chunks": 1,
        "items": [{"product_id": f"{rng.randrange(10**10)}", "stock_on_hand": 7, "count": rng.randrange(9)}],
    }


def _customer(rng: Random) -> Payload:
    return {"id": new_id(rng), "email": f"customer-{rng.randrange(10**6)}@example.com", "first_name": ""}


def _employee(rng: Random) -> Payload:
    return {"id": new_id(rng), "email": f"associate-{rng.randrange(500)}@example.com", "store_id": "SFO_MARKET"}


def _cash_drawer(rng: Random) -> Payload:
    return {"id": new_id(rng), "store_id": "SFO_MARKET", "amount": rng.randrange(100, 400), "currency": "USD"}


def _gift_card(rng: Random) -> Payload:
    return {"id": new_id(rng), "currency": "EUR", "reason": "lost"}


PAYLOADS: Final[Mapping[str, Callable[[Random], Payload]]] = MappingProxyType(
    {
        "inventory_transaction.items_received": _items_received,
        "inventory_transaction.adjustment_created": _adjustment,
        "inventory_count.items_counted": _items_counted,
        "customer.created": _customer,
        "customer.updated": _customer,
        "employee.updated": _employee,
        "cash_drawer.float_defined": _cash_drawer,
        "cash_drawer.transaction_completed": _cash_drawer,
        "gift_card.deactivated": _gift_card,
    }
)
"""How the payload of each event is made."""


def side_event(seed: int, number: int, moment: datetime) -> Event:
    """The side event with this number."""
    rng = Random(f"{seed}/side/{number}")  # noqa: S311 - a simulation, and its own stream for each event
    name = rng.choice(list(PAYLOADS))
    return new_event(rng, name, moment, PAYLOADS[name](rng))
