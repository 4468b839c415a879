"""Events that are missing: between which others they must have happened, and until when they might have come."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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
    needed_by = _awaited(state, name).get("needed_by")
    proof = next((fact for fact in facts if fact.source == needed_by), None)
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


def due(name: str, state: OrderState) -> str | None:
    """Return until when a missing event may come (RFC 3339); only the answer about one order tells it, None: it does
    not, or no fact needs the event."""
    return _awaited(state, name).get("due")


def _awaited(state: OrderState, name: str) -> Mapping[str, Any]:
    told = (state.model_extra or {}).get("awaited") or {}  # of answers only, and none of a worker of before this field
    found: Mapping[str, Any] = told.get(name, {})
    return found
