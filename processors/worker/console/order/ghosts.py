"""Events that are missing: between which others they must have happened."""

from collections.abc import Sequence
from typing import NamedTuple

from processors.orders.verdict.awaited import needed_by
from processors.worker.console.order.facts import Fact, Group, group_of, request_of
from schemas.order_state import OrderState


class Ghost(NamedTuple):
    """A missing event. `before` is the number of the first fact that is known to need it, `after` of the last one that
    came before that; None where the page has none, or one that needs it may be before that."""

    event: str
    group: Group
    entity: str
    after: int | None
    before: int
    published_after: str | None
    published_before: str | None


def ghosts_of(facts: Sequence[Fact], state: OrderState) -> list[Ghost]:
    """Return those of the missing events of which the page has the first fact that needs them, in the order of their
    places."""
    found = [ghost for name in state.missing if (ghost := _ghost(name, facts, state)) is not None]
    return sorted(found, key=lambda ghost: (ghost.before, ghost.event))


def _ghost(name: str, facts: Sequence[Fact], state: OrderState) -> Ghost | None:
    source = needed_by(name, state)
    proof = next((fact for fact in facts if fact.source == source), None)
    if proof is None:
        return None
    last = next((fact for fact in reversed(facts) if fact.number < proof.number), None)
    event, _, request_id = name.partition(":")
    group = group_of(event)
    entity = request_id if request_id in state.fulfillment_requests else group
    # Of a request whose facts have no logical timestamp only the last one is known to need it: others may be before it.
    is_first = not request_id or request_of(proof.key) == request_id
    known = (last.number, last.published_at) if last and is_first else (None, None)
    return Ghost(name, group, entity, known[0], proof.number, known[1], proof.published_at)
