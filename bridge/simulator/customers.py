"""A customer's record: registered, changed, addresses added, changed, removed."""

from bridge.simulator.event import Json
from bridge.simulator.order import Events
from bridge.simulator.shop import MARKETS, ORDERS_PER_CUSTOMER, People, address
from bridge.simulator.timeline import DAY, HOUR, MINUTE, Timeline


def customer(time: Timeline, people: People, number: int) -> Events:
    """The one who registers while that order comes in; what follows happens to some only."""
    customer_id = people.customer(number // ORDERS_PER_CUSTOMER)
    market = time.rng.choice(MARKETS)
    yield time.event("customer.created", _record(time, customer_id, "Doe"))
    if time.happens(0.6):
        yield from _address(time, customer_id, address(time.rng, market), address(time.rng, market))
    if time.happens(0.4):
        time.wait(HOUR, DAY)
        yield time.event("customer.updated", _record(time, customer_id, ""))


def _record(time: Timeline, customer_id: str, last_name: str) -> Json:
    return {
        "id": customer_id,
        "email": f"{customer_id[:8]}@example.com",
        "first_name": time.rng.choice(("Ada", "Zoë", "")),
        "last_name": last_name,
        "phone_number": "",
        "updated_at": time.stamp(),
    }


def _address(time: Timeline, customer_id: str, first: Json, second: Json) -> Events:
    address_id = time.id()
    whose = {"id": address_id, "customer_id": customer_id}
    time.wait(1, 10 * MINUTE)
    yield time.event("customer.address_created", {**whose, **first})
    if time.happens(0.5):
        time.wait(HOUR, DAY)
        yield time.event("customer.address_updated", {**whose, **second})
    if time.happens(0.4):
        time.wait(HOUR, DAY)
        yield time.event("customer.address_deleted", whose)
