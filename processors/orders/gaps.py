"""The gaps of an order: which events are late or awaited for too long, since when, and in which window to replay.

A replay by date asks NewStore for what was published in a window. A missing event was published before the fact that
proves it; an event that comes next, after the fact since which it is awaited.
"""

from datetime import timedelta
from typing import Final, Literal, NamedTuple

from processors.orders.canonical import published_at_of
from processors.orders.deadlines import deadlines, needing, stalled_deadlines
from processors.orders.events import ASSIGNED, CREATED
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import render
from processors.orders.render.order import details_of
from processors.orders.row import Row, StoredFact
from processors.orders.slots import OrderSlots, Stated
from schemas.instant import epoch_millis

_MS: Final = timedelta(milliseconds=1)
MARGIN_MS: Final = timedelta(hours=1) // _MS
"""Added at both ends of a window, because clocks differ."""
GUESS_MS: Final = timedelta(days=1) // _MS
"""If nothing says since when the order exists, a window begins so long before the fact that proves the event."""

Kind = Literal["missing", "stalled"]


class Gap(NamedTuple):
    """An event that has not come and is late since `since_ms`. It was published from `from_ms` to `to_ms` (None: the
    present). `guessed`: nothing says how early that can have been. Times are milliseconds since 1970."""

    name: str
    kind: Kind
    since_ms: int
    from_ms: int
    to_ms: int | None
    guessed: bool


def gaps_of(order: Row, rules: OrderRules) -> list[Gap]:
    """Return the gaps, oldest first, without those that somebody set aside."""
    order.due = 0  # so that `render` works out what comes next
    seen = render(order, rules)
    awaited, stalled = {*seen.awaited}, {*order.stalled}
    late = [name for name in order.late if name in awaited]
    found = [
        Gap(name, "missing", since_ms, *published_within(order, name))
        for name, since_ms in deadlines(order, late, rules.late_after_ms).items()
    ]
    for each in seen.upcoming:
        if each.name in stalled:
            since_ms = stalled_deadlines(order, [each], rules.patience)[each.name]
            begun = _published_ms(order.facts[each.at])
            found.append(Gap(each.name, "stalled", since_ms, begun - MARGIN_MS, None, guessed=False))
    return sorted(found, key=lambda gap: (gap.since_ms, gap.name))


def published_within(order: Row, name: str) -> tuple[int, int, bool]:
    """Return a missing event's window (`from_ms`, `to_ms`, `guessed`): from what must come before it, if that is known,
    to the first fact that needs it. ValueError: no fact needs it."""
    end = min(_published_ms(fact) for fact in needing(order, name))
    begun = _begun_ms(order, name)
    start = end - GUESS_MS if begun is None else min(begun, end)
    return start - MARGIN_MS, end + MARGIN_MS, begun is None


def followed(order: Row, name: str) -> StoredFact | None:
    """Return the fact that a missing event must have followed, the last one of several; None: there is none."""
    event, slots = name.partition(":")[0], order.slots
    before: list[Stated | None] = {CREATED: [], ASSIGNED: [slots.opened, slots.created]}.get(event, [slots.created])
    return next((order.facts[stated[0]] for stated in before if stated is not None), None)


def _begun_ms(order: Row, name: str) -> int | None:
    fact = followed(order, name)
    return _placed_ms(order.slots) if fact is None else _published_ms(fact)


def _placed_ms(slots: OrderSlots) -> int | None:
    details = details_of(slots)
    placed = details.get("placed_at") or details.get("created_at")
    return None if placed is None else epoch_millis(placed)


def _published_ms(fact: StoredFact) -> int:
    """When a fact was published, or received if that was no time (ms since 1970)."""
    return epoch_millis(published_at_of(fact.place) or fact.received_at)
