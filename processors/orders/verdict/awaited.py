"""What the answer about one order says of its missing events; its document in the topic does not say it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from processors.orders.render.completeness import MAYBE_NEVER_SENT
from schemas.order_state import OrderState


class Window(NamedTuple):
    """When a missing event was published (RFC 3339), an hour wider at both ends because clocks differ; `is_guessed`:
    nothing says how early that can have been."""

    start: str
    end: str
    is_guessed: bool


def due(name: str, state: OrderState) -> str | None:
    """Return until when a missing event may come (RFC 3339); None: it is not told, or no fact needs the event."""
    return _told(name, state).get("due")


def needed_by(name: str, state: OrderState) -> str | None:
    """Return the raw record of the first event known to need a missing one; None as above."""
    return _told(name, state).get("needed_by")


def followed(name: str, state: OrderState) -> str | None:
    """Return the raw record of the last event that a missing one must have followed; None as above, or there is
    none."""
    return _told(name, state).get("follows")


def window(name: str, state: OrderState) -> Window | None:
    """Return when a missing event was published; None as above, or an older worker answered, without this field."""
    told = _told(name, state).get("window")
    return None if told is None else Window(told["from"], told["to"], told["guessed"])


def first_due(state: OrderState) -> str | None:
    """Return from when on the order counts as incomplete (RFC 3339); None: it is not told, or nobody waits for what is
    missing."""
    told = (due(name, state) for name in waited_for(state))
    return min((each for each in told if each is not None), default=None)


def waited_for(state: OrderState) -> Sequence[str]:
    """Return the missing events that somebody waits for."""
    excused = not_waited_for(state)
    return [name for name in state.missing if name not in excused]


def not_waited_for(state: OrderState) -> Mapping[str, str]:
    """Return, by name, why nobody waits for a missing event, in words."""
    if is_maybe_never_sent(state):
        return dict.fromkeys(state.missing, "may never have been sent")
    doubtful = dict.fromkeys(state.missing, "may never come") if state.partial_history else {}
    return doubtful | {gap.name: "was set aside" for gap in state.acknowledged}


def is_maybe_never_sent(state: OrderState) -> bool:
    """Tell whether NewStore may not have sent what is missing."""
    return MAYBE_NEVER_SENT in state.suspected


def late(state: OrderState) -> Sequence[str]:
    """Return the events that an incomplete order waits for and that are certainly late, whatever time it is: due by its
    last event, or first of all. If nothing tells when they are due: the only one; none of several."""
    names, first = waited_for(state), first_due(state)
    if first is None:
        return names if len(names) == 1 else ()
    passed = max(first, state.last_received_at)
    return [name for name in names if (until := due(name, state)) is not None and until <= passed]


def _told(name: str, state: OrderState) -> Mapping[str, Any]:
    told = (state.model_extra or {}).get("awaited") or {}  # an older worker does not send it
    found: Mapping[str, Any] = told.get(name, {})
    return found
