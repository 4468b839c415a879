"""A simulated order: its content and its state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from commands.simulate.event import Event, Json
from commands.simulate.prices import Line, new_line, shipping_price
from commands.simulate.shop import Market, People
from commands.simulate.timeline import Timeline

Events = Iterator[Event]
"""Events in order of time, each made only when it is requested."""


@dataclass(slots=True)
class Instrument:
    """A means of payment; amounts in cents. What is authorised is captured or voided in the end."""

    id: str
    method: str
    budget: int
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0


@dataclass(slots=True)
class Request:
    """A fulfilment request: the lines that one location has to hand over."""

    id: str
    location: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Origin:
    """An order's origin. `number`: how many orders came in before; `exchange_of`: order id and return id."""

    people: People
    number: int
    in_store: bool = False
    is_historical: bool = False
    exchange_of: tuple[str, str] | None = None


@dataclass(slots=True)
class Order:
    """`lines`: those not cancelled; `shipped`: those of them that were handed over and have not come back."""

    time: Timeline
    origin: Origin
    id: str
    market: Market
    lines: list[Line]
    shipping: int
    shipping_tax: int
    base: Json
    """The part of the order's document that never changes."""
    instruments: list[Instrument] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    shipped: list[Line] = field(default_factory=list)
    declined: set[str] = field(default_factory=set)
    """Locations that could not fulfil the order."""
    logical_timestamp: int = 0

    @property
    def grand_total(self) -> int:
        """In cents."""
        return self.total_of(self.lines) + self.shipping + self.shipping_tax

    @staticmethod
    def total_of(lines: Sequence[Line]) -> int:
        """In cents, without shipping."""
        return sum(line.total for line in lines)

    def event(self, name: str, payload: Json) -> Event:
        """One event of the order itself."""
        return self.time.event(f"order.{name}", {"id": self.id, **payload})


def new_order(time: Timeline, origin: Origin, market: Market) -> Order:
    """An order before it is placed."""
    rng = time.rng
    discount = rng.choice((500, 1000)) if time.happens(0.1) else 0
    lines = [new_line(rng, time.id(), market, discount) for _ in range(rng.choice(origin.people.lines))]
    shipping, shipping_tax = (0, 0) if origin.in_store else shipping_price(rng, market)
    order = Order(time, origin, time.id(), market, lines, shipping, shipping_tax, base={})
    order.logical_timestamp = rng.randrange(10**6, 10**7)
    order.instruments = _instruments(order)
    return order


def _instruments(order: Order) -> list[Instrument]:
    """A card, and sometimes a gift card that covers only a part."""
    total, time = order.grand_total, order.time
    gift = time.rng.randrange(1, total) if time.happens(0.1) else 0
    card = Instrument(time.id(), "credit_card", total - gift)
    return [Instrument(time.id(), "gift_card", gift), card] if gift else [card]
