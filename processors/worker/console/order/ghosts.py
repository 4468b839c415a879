"""Missing events: between which other events they must have happened."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from processors.orders.verdict.awaited import followed, needed_by
from processors.worker.console.order.facts import Fact, Group, group_of
from schemas.order_state import OrderState


class Ghost(NamedTuple):
    """A missing event. `before` is the number of the first fact that needs it. `after` is the number of the last fact
    that it must have followed; None where the page has none, or has it only behind `before`."""

    event: str
    group: Group
    entity: str
    after: int | None
    before: int


def ghosts_of(facts: Sequence[Fact], state: OrderState) -> list[Ghost]:
    """Return the missing events whose first fact that needs them is on the page, in the order of their places."""
    numbers = {fact.source: fact.number for fact in facts}
    found = [ghost for name in state.missing if (ghost := _ghost(name, numbers, state)) is not None]
    return sorted(found, key=lambda ghost: (ghost.before, ghost.event))


def _ghost(name: str, numbers: Mapping[str, int], state: OrderState) -> Ghost | None:
    before = numbers.get(needed_by(name, state) or "")
    if before is None:
        return None
    after = numbers.get(followed(name, state) or "")
    event, _, request_id = name.partition(":")
    group = group_of(event)
    entity = request_id if request_id in state.fulfillment_requests else group
    return Ghost(name, group, entity, after if after is not None and after < before else None, before)
