"""One simulated order: what it consists of, and the events that have happened to it so far."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from bridge.simulator.event import Event, money, new_event, new_id

_LOCATIONS: Final = ("NYC_SOHO", "SFO_MARKET", "BER_MITTE", "WAREHOUSE_EAST")


@dataclass(frozen=True, slots=True)
class Item:
    """One line item of quantity 1; amounts in cents."""

    id: str
    product_id: str
    price: int
    tax: int


class Order:
    """Collects `events` in the order in which they happen; every event moves the order's own clock on."""

    def __init__(self, rng: Random, created_at: datetime) -> None:
        self.rng = rng
        self.now = created_at
        self.id = new_id(rng)
        self.currency = rng.choice(("USD", "EUR"))
        self.customer_email = f"customer-{rng.randrange(10**6)}@example.com"
        self.placed_at = created_at - timedelta(milliseconds=rng.randrange(50, 5000))
        self.items = [_item(rng) for _ in range(rng.choice((1, 1, 2, 2, 3, 5)))]
        self.shipping = rng.choice((0, 0, 500, 995))
        self.location = rng.choice(_LOCATIONS)
        self.instrument_id = new_id(rng)
        self.request_id = new_id(rng)
        self.logical_timestamp = rng.randrange(10**6, 10**7)
        self.events: list[Event] = []

    @property
    def subtotal(self) -> int:
        """In cents."""
        return sum(item.price for item in self.items)

    @property
    def tax_total(self) -> int:
        """In cents."""
        return sum(item.tax for item in self.items)

    @property
    def grand_total(self) -> int:
        """In cents; there are no discounts and no taxes on shipping."""
        return self.subtotal + self.shipping + self.tax_total

    def emit(self, name: str, payload: dict[str, Any]) -> None:
        """Something happened, a few seconds to an hour after what happened last."""
        self.events.append(new_event(self.rng, name, self.now, payload))
        self.now += timedelta(milliseconds=self.rng.randrange(2_000, 3_600_000))

    def emit_request(self, name: str, items: list[Item], **shipped: str) -> None:
        """Something happened to the order's present fulfilment request."""
        self.logical_timestamp += self.rng.randrange(1, 40)
        self.emit(
            f"fulfillment_request.{name}",
            {
                "id": self.request_id,
                "order_id": self.id,
                "logical_timestamp": self.logical_timestamp,
                "fulfillment_location_id": self.location,
                "service_level": "TRADITIONAL_CARRIER" if self.shipping else "IN_STORE_HANDOVER",
                "items": [{"id": item.id, "product_id": item.product_id, **shipped} for item in items],
            },
        )

    def emit_payment(self, name: str, cents: int, correlation_id: str | None = None) -> None:
        """Money moved."""
        transaction = {
            "id": new_id(self.rng),
            "instrument_id": self.instrument_id,
            "amount": money(cents),
            "currency": self.currency,
            "correlation_id": correlation_id or self.id,
        }
        instrument = {
            "id": self.instrument_id,
            "payment_method": "credit_card",
            "payment_wallet": "",
            "payment_provider": "adyen",
        }
        self.emit(
            f"payment_account.{name}",
            {
                "id": self.id,
                "order_id": self.id,
                "transactions": [transaction],
                "instruments": [instrument],
            },
        )

    def reroute(self) -> None:
        """From now on another location's fulfilment request is meant."""
        self.request_id = new_id(self.rng)
        self.location = self.rng.choice([place for place in _LOCATIONS if place != self.location])


def _item(rng: Random) -> Item:
    price = rng.randrange(500, 25_000, 50)
    return Item(new_id(rng), f"{rng.randrange(10**12):012d}-{rng.randrange(100):02d}", price, price * 8 // 100)
