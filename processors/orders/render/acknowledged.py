"""Gaps that somebody set aside: which of an order's gaps are still set aside, and which can never open again."""

from collections.abc import Iterable
from typing import Any, Final

from processors.orders.deadlines import Upcoming, arrived_ms, needing
from processors.orders.events import ASSIGNED, COMPLETED, CREATED, ITEMS_COMPLETED, OPENED, bits
from processors.orders.joining import STEPS
from processors.orders.render.structs import AcknowledgedGap
from processors.orders.row import Acknowledgement, Row
from processors.orders.slots import OrderSlots
from schemas.instant import epoch_millis, rfc3339_millis

_ENDS_ONCE: Final = bits(CREATED, OPENED, COMPLETED)
_READY: Final = STEPS.index("ready")


def is_acknowledged(row: Row, each: Upcoming) -> bool:
    """Return whether an awaited event was set aside when the fact since which it is awaited was already here. Later
    facts begin a new gap."""
    return _was_said_since(row, each.name, arrived_ms(row.facts[each.at]))


def is_loss_acknowledged(row: Row, name: str) -> bool:
    """Return whether a missing event was set aside when a fact that needs it was already here. Before, it may only have
    been awaited."""
    return _was_said_since(row, name, _proven_ms(row, name))


def set_aside(row: Row, said: Acknowledgement, awaited: Iterable[str], waits: Iterable[Upcoming]) -> None:
    """Set a gap aside, in place of an earlier acknowledgement of it. `awaited`, `waits`: the order's missing and next
    events.

    Whoever sets it aside, a person or the bridge itself, knows the fact that makes the gap. So the recorded time is
    never before that fact, even if the clock of the ingress is ahead of this worker's.
    """
    name, reason, said_at = said
    since = [arrived_ms(row.facts[each.at]) for each in waits if each.name == name]
    since += [_proven_ms(row, each) for each in awaited if each == name]
    before = [at for of, _, at in row.acknowledged if of == name]
    at = max([said_at, *before, *(rfc3339_millis(each) for each in since)])
    row.acknowledged = [*(each for each in row.acknowledged if each[0] != name), (name, reason, at)]


def _was_said_since(row: Row, name: str, since_ms: int) -> bool:
    return any(name == of and since_ms <= epoch_millis(said_at) for of, _, said_at in row.acknowledged)


def _proven_ms(row: Row, name: str) -> int:
    """When the first fact that needs a missing event arrived (ms since 1970); 0 if there is none."""
    return min((arrived_ms(fact) for fact in needing(row, name)), default=0)


def acknowledged_gaps(row: Row, absent: Iterable[str], waits: Iterable[Upcoming]) -> list[Any]:
    """Return the document's `acknowledged`. `absent`, `waits`: gaps that the order would have if nobody had set them
    aside."""
    still = {*absent, *(each.name for each in waits)}
    return [AcknowledgedGap(name=name, reason=why, at=at) for name, why, at in row.acknowledged if name in still]


def keep_acknowledged(row: Row, open_names: Iterable[str]) -> None:
    """Forget acknowledgements of gaps that cannot open again, because the event has come.

    A gap that closed otherwise may open again, as the same gap: a later fact may say that a refund was for something
    else. So a row keeps at most one acknowledgement for each thing that can be awaited: two of a request, one of a
    return or refund request, five of the order.
    """
    still = {*open_names}
    row.acknowledged = [each for each in row.acknowledged if each[0] in still or not _has_come(row.slots, each[0])]


def _has_come(slots: OrderSlots, name: str) -> bool:
    event, _, of = name.partition(":")
    request = slots.requests.get(of)
    if event == ASSIGNED:
        return request is not None and request.is_assigned
    if event == ITEMS_COMPLETED:
        return request is not None and all(item.step != _READY for item in request.items.values())
    return bool(slots.seen & bits(event) & _ENDS_ONCE)
