"""Orders for tests of the console: the simulator's orders, which arrive as the test chooses."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
from msgspec.structs import asdict

from commands.simulate import fulfilment, placement, returns
from commands.simulate.event import Event
from commands.simulate.order import Order, Origin, new_order
from commands.simulate.order_lifecycles import Step, follow
from commands.simulate.shop import MARKETS, USUAL_LINES, People
from commands.simulate.timeline import Timeline
from processors.orders.apply import OrderRules, apply
from processors.orders.fact import Fact, fact_of
from processors.orders.render.timeline import in_order, timeline
from processors.orders.row import StoredFact, load
from processors.worker.queries.one_order import awaited
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import EVERYTHING, TENANT, Json, cleaned

START = datetime(2026, 1, 1, 0, 4, 20, tzinfo=UTC)
SLA = timedelta(minutes=15)
PLAIN = (placement.placed, fulfilment.assigned, fulfilment.handed_over, placement.completed)
REROUTED = (placement.placed, fulfilment.assigned, fulfilment.rerouted, fulfilment.handed_over, placement.completed)
RETURNED = (*PLAIN, returns.returned_fully)
REFUNDED = (*REROUTED, returns.returned_partly, returns.refunded_without_goods)
HELD = (placement.placed, fulfilment.assigned, fulfilment.held)


@dataclass(frozen=True)
class Told:
    """An order as the queries tell it: its document, all of its timeline, and the bodies by source."""

    document: Json
    entries: Sequence[Json]
    bodies: Mapping[str, Json] = field(default_factory=dict)
    facts: Sequence[Fact] = ()

    @property
    def order_id(self) -> str:
        order_id: str = self.document["order_id"]
        return order_id

    @property
    def state(self) -> OrderState:
        return OrderState.model_validate(self.document)

    def but(self, **fields: object) -> "Told":
        """The same with these fields of the document."""
        return replace(self, document=self.document | fields)


def life(steps: Iterable[Step], seed: int = 1, lines: tuple[int, ...] = USUAL_LINES) -> list[Event]:
    """The events of one order that takes these steps, in the order in which they happen."""
    rng = Random(seed)
    time = Timeline(rng, START)
    order: Order = new_order(time, Origin(People(seed, lines), number=seed), MARKETS[seed % len(MARKETS)])
    return list(follow(steps, order))


def told(
    events: Sequence[Event],
    *,
    late: Mapping[int, float] = {},
    lost: Container[str] = (),
    again: Mapping[int, int] = {},
    rules: OrderRules = EVERYTHING,
) -> Told:
    """What the bridge tells of events. `late`: seconds under way by the event's place, a few for all others. `lost`:
    names of events that never come. `again`: further deliveries by place."""
    rng = Random(len(events))
    facts: list[Fact] = []
    bodies: dict[str, Json] = {}
    extra: dict[str, Json] = {}
    for place, event in enumerate(events):
        under_way = late.get(place, rng.uniform(0.8, 6.5))
        if event.name in lost:
            continue
        arrived = event.moment + timedelta(seconds=under_way)
        source = f"{place % 8}:{34 + 7 * place}"
        body = event.body(TENANT)
        fact = fact_of(*cleaned(body, received_at_ms=int(arrived.timestamp() * 1000), source=source))
        assert fact is not None, "an order's life is of its own events"
        facts.append(fact)
        bodies[source] = orjson.loads(body)
        if place in again:
            later = (arrived + timedelta(minutes=16)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            extra[source] = {"deliveries": 1 + again[place], "last_received_at": later}
    facts.sort(key=lambda fact: fact.received_at)
    return of_facts(facts, rules, bodies, extra)


def of_facts(
    facts: Sequence[Fact],
    rules: OrderRules = EVERYTHING,
    bodies: Mapping[str, Json] = {},
    extra: Mapping[str, Json] = {},
) -> Told:
    """What the bridge tells of facts."""
    applied = apply(None, facts, rules)
    document: Json = orjson.loads(applied.state)
    document["awaited"] = awaited(load(applied.row), document["missing"], rules)
    stored = [StoredFact(fact.place, fact.received_at, fact.source, fact.conflict) for fact in facts]
    entries = [asdict(each) for each in timeline(in_order(stored))]
    return Told(document, [each | extra.get(each["source"], {}) for each in entries], bodies, facts)


def busy() -> Told:
    """An order with all that a timeline can show: late, out of order, again, missing."""
    events = life(REFUNDED, seed=4, lines=(3,))
    return told(events, late={6: 240, 8: 1262, 11: 75}, again={1: 2, 4: 1, 10: 1}, lost=["order.opened"]).but(
        incomplete=True
    )


def whole() -> Told:
    """An order with nothing wrong."""
    return told(life(RETURNED, seed=2, lines=(2,)))


def held() -> Told:
    """An order on hold."""
    return told(life(HELD, seed=5, lines=(2,)))


def contradicted() -> Told:
    """An order whose facts cannot all be true."""
    events = life(PLAIN, seed=8, lines=(2,))
    [opened] = [event for event in events if event.name == "order.opened"]
    other = {**opened.payload, "grand_total": 1}
    cancelled = replace(opened, name="order.cancelled", moment=events[-1].moment + timedelta(hours=3))
    at = cancelled.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    late = replace(opened, payload=other, moment=opened.moment + timedelta(seconds=90))
    return told([*events, late, replace(cancelled, published_at=at)])


def crowded() -> Told:
    """An order of many items, whose facts need a second page."""
    return told(life((*PLAIN, returns.returned_partly), seed=11, lines=(70,)), late={20: 300, 40: 2000})
