"""Staff: hired, and moved to another store."""

from bridge.simulator.order import Events
from bridge.simulator.shop import ORDERS_PER_EMPLOYEE, STORES, People
from bridge.simulator.timeline import DAY, HOUR, Timeline


def employee(time: Timeline, people: People, number: int) -> Events:
    """The one who is hired while that order comes in."""
    payload = {
        "id": people.employee(number // ORDERS_PER_EMPLOYEE),
        "email": "associate@example.com",
        "first_name": time.rng.choice(("Mei", "")),
        "last_name": "Doe",
    }
    stores = time.rng.sample(STORES, 2)
    yield time.event("employee.created", {**payload, "store_id": stores[0]})
    time.wait(HOUR, 3 * DAY)
    yield time.event("employee.updated", {**payload, "store_id": stores[1]})
