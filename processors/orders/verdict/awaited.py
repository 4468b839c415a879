"""What the answer about one order tells of its missing events, and its document in the topic does not."""

from collections.abc import Mapping
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
    aside = {gap.name for gap in state.acknowledged}
    told = (due(name, state) for name in state.missing if name not in aside)
    return min((each for each in told if each is not None), default=None)


def _told(name: str, state: OrderState) -> Mapping[str, Any]:
    told = (state.model_extra or {}).get("awaited") or {}  # none of a worker of before this field
    found: Mapping[str, Any] = told.get(name, {})
    return found
