"""A cash drawer's day: put up, filled, used, counted, renamed."""

from bridge.simulator.event import Event, Json
from bridge.simulator.money import money
from bridge.simulator.order import Events
from bridge.simulator.shop import MARKETS, People
from bridge.simulator.timeline import HOUR, MINUTE, Timeline


def cash_drawer(time: Timeline, people: People, number: int) -> Events:
    """What should be in it is its float and everything that went in and out; what is counted may lack something."""
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
