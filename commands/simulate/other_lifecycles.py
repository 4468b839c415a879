"""Other lifecycles than those of orders and stock: cash drawers, employees, gift cards, customers."""

from commands.simulate.event import Event, Json
from commands.simulate.order import Events
from commands.simulate.prices import money
from commands.simulate.shop import MARKETS, ORDERS_PER_CUSTOMER, ORDERS_PER_EMPLOYEE, STORES, People, address
from commands.simulate.timeline import DAY, HOUR, MINUTE, Timeline


def cash_drawer(time: Timeline, people: People, number: int) -> Events:
    """A cash drawer: it should hold its float and the sum of its movements; the counted amount may be less."""
    market = time.rng.choice(MARKETS)
    drawer = {"id": time.id(), "store_id": time.rng.choice(market.stores), "name": f"Register {number}"}
    clerk = {"associate_id": people.some_employee(time.rng, number)}

    def happened(action: str, **more: object) -> Event:
        return time.event(f"cash_drawer.{action}", {**drawer, **clerk, "currency": market.currency, **more})

    def with_amount(action: str, cents: int, **more: object) -> Event:
        return happened(action, amount=money(cents), **more)

    yield time.event("cash_drawer.drawer_created", drawer)
    time.wait(1, HOUR)
    content = time.rng.randrange(10_000, 40_000, 5_000)
    yield with_amount("float_defined", content)
    for _ in range(time.rng.randrange(2, 6)):
        time.wait(5 * MINUTE, HOUR)
        content += (sale := time.rng.randrange(500, 20_000, 5))
        yield with_amount("transaction_completed", sale, **_transaction(time))
    time.wait(1, HOUR)
    content -= (banked := time.rng.randrange(0, content, 1_000))
    yield with_amount("activity_recorded", -banked, activity_type="paid_out")
    time.wait(1, HOUR)
    missing = time.rng.choice((0, 0, 0, 5))
    yield happened("count_submitted", expected_amount=money(content), counted_amount=money(content - missing))
    yield time.event("cash_drawer.drawer_updated", {**drawer, "name": f"Register {number} (closed)"})


def _transaction(time: Timeline) -> Json:
    return {"transaction_id": time.id(), "transaction_type": "sale"}


def employee(time: Timeline, people: People, number: int) -> Events:
    """The employee who is hired when that order comes in."""
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


def gift_card(time: Timeline) -> Events:
    """A gift card is lost or misused."""
    currency = time.rng.choice(MARKETS).currency
    yield time.event(
        "gift_card.deactivated",
        {"id": time.id(), "currency": currency, "reason": time.rng.choice(("lost", "fraud")), "balance": 0},
    )


def customer(time: Timeline, people: People, number: int) -> Events:
    """The customer who registers when that order comes in. Later events happen only to some."""
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
        "phone": "",
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
