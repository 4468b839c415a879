"""Events that are missing: between which others they must have happened, and until when they might have come."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from processors.orders.events import bit_of
from processors.orders.render.completeness import NEEDS_OPENED, OPENED
from processors.worker.console.order.facts import Fact, Group, group_of, request_of
from schemas.order_state import OrderState

_MOST_DELAY: Final = timedelta(hours=24)
"""As in `processors.orders.deadlines`, which decides."""


class Ghost(NamedTuple):
    """A missing event. `before` is the number of the first fact of the page that proves it, `after` of the last one
    that came before it; None where the page has none."""

    event: str
    group: Group
    entity: str
    after: int | None
    before: int
    published_after: str | None
    published_before: str | None


def ghosts_of(facts: Sequence[Fact], state: OrderState) -> list[Ghost]:
    """Return those of the missing events of which some fact of the page is the proof, in the order of their places."""
    found = [ghost for name in state.missing if (ghost := _ghost(name, facts, state)) is not None]
    return sorted(found, key=lambda ghost: (ghost.before, ghost.event))


def _ghost(name: str, facts: Sequence[Fact], state: OrderState) -> Ghost | None:
    proof = next((fact for fact in facts if proves(fact, name)), None)
    if proof is None:
        return None
    last = next((fact for fact in reversed(facts) if fact.number < proof.number), None)
    event, _, request_id = name.partition(":")
    group = group_of(event)
    entity = request_id if request_id in state.fulfillment_requests else group
    known = (last.number, last.published_at) if last else (None, None)
    return Ghost(name, group, entity, known[0], proof.number, known[1], proof.published_at)


def proves(fact: Fact, name: str) -> bool:
    """Return whether a fact needs the event of that name, or `<event>:<request id>`, to have happened before it."""
    event, _, request_id = name.partition(":")
    if request_id:
        return fact.group is Group.FULFILMENT and request_of(fact.key) == request_id
    return event != OPENED or bool(bit_of(fact.event) & NEEDS_OPENED)


def due(name: str, facts: Sequence[Fact], sla: timedelta) -> datetime | None:
    """Return the earliest deadline that one of an order's facts gives, which are all there are; None: none does."""
    return min((_due(fact, sla) for fact in facts if proves(fact, name)), default=None)


def _due(fact: Fact, sla: timedelta) -> datetime:
    delay = fact.delay or timedelta()
    return fact.arrived + max(sla, min(delay, _MOST_DELAY))
