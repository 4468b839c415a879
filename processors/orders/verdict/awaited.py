"""What the answer about one order tells of its missing events, and its document in the topic does not."""

from collections.abc import Mapping, Sequence
from typing import Any

from processors.orders.render.completeness import MAYBE_NEVER_SENT
from schemas.order_state import OrderState


def due(name: str, state: OrderState) -> str | None:
    """Return until when a missing event may come (RFC 3339); None: it is not told, or no fact needs the event."""
    return _told(name, state).get("due")


def needed_by(name: str, state: OrderState) -> str | None:
    """Return the raw record of the first event that is known to need a missing one; None as above."""
    return _told(name, state).get("needed_by")


def first_due(state: OrderState) -> str | None:
    """Return from when on the order counts as incomplete (RFC 3339); None: it is not told, or nobody waits for what is
    missing."""
    if state.partial_history or MAYBE_NEVER_SENT in state.suspected:
        return None
    told = (due(name, state) for name in waited_for(state))
    return min((each for each in told if each is not None), default=None)


def waited_for(state: OrderState) -> Sequence[str]:
    """Return what is missing without what somebody set aside."""
    aside = {gap.name for gap in state.acknowledged}
    return [name for name in state.missing if name not in aside]


def late(state: OrderState) -> Sequence[str]:
    """Return what an incomplete order waits for and is certainly late, whatever time it is: by the last event, or as
    the first of all. Where nothing tells until when each may come, the only one; none of several."""
    names, first = waited_for(state), first_due(state)
    if first is None:
        return names if len(names) == 1 else ()
    passed = max(first, state.last_received_at)
    return [name for name in names if (until := due(name, state)) is not None and until <= passed]


def _told(name: str, state: OrderState) -> Mapping[str, Any]:
    told = (state.model_extra or {}).get("awaited") or {}  # none of a worker of before this field
    found: Mapping[str, Any] = told.get(name, {})
    return found
