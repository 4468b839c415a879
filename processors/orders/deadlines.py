"""Until when missing events, and those that come next, may still come (docs/completeness.md, "When it is late"): as
long as a setting says, and at least as long as the fact since which they are awaited took to arrive."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from processors.orders.canonical import event_of, published_at_of
from processors.orders.events import NEEDS_OPENED, OPENED, bit_of
from processors.orders.order_rules import Patience
from processors.orders.row import Row, StoredFact
from processors.orders.slots import At
from schemas.instant import epoch_millis, rfc3339_millis

_MS: Final = timedelta(milliseconds=1)
_MOST_MS: Final = timedelta(hours=24) // _MS
"""The most that counts as a delay of the whole stream: a single event may come after weeks. And the most by which a
`published_at` is believed against the clock of an ingress."""


class Upcoming(NamedTuple):
    """An event that must come next. `name` has what it is for behind a colon; `after` is the field of `Patience` that
    says how long it may take; `at` is the fact since which it is awaited."""

    name: str
    after: str
    at: At


def deadlines(row: Row, names: Collection[str], late_after_ms: int) -> Mapping[str, int]:
    """Return for each missing event when it becomes late (ms since 1970): the earliest time that a fact which needs it
    gives.

    If no fact needs it, there is no time: nobody knows when an event that could not be processed was published.
    """
    found = {name: _earliest(row, name, late_after_ms) for name in names}
    return {name: deadline for name, deadline in found.items() if deadline is not None}


def stalled_deadlines(row: Row, awaited: Iterable[Upcoming], patience: Patience) -> Mapping[str, int]:
    """Return for each event that must come next since when it has been awaited for too long (ms since 1970)."""
    found: dict[str, int] = {}
    for name, after, at in awaited:
        deadline = _deadline(row.facts[at], getattr(patience, after))
        found[name] = min(deadline, found.get(name, deadline))
    return found


def arrived_ms(fact: StoredFact) -> int:
    """Return since when a fact is here (ms since 1970): since it was received, or published if that was later. No event
    is received before it is published, so then the ingress's clock is behind."""
    return _arrived(*_times(fact))


def needing(row: Row, name: str) -> Iterable[StoredFact]:
    """Return the facts that need a missing event."""
    event, _, request_id = name.partition(":")
    return [fact for fact in _facts(row, request_id) if _needs(fact, event)]


def _needs(fact: StoredFact, event: str) -> bool:
    return event != OPENED or bool(bit_of(event_of(fact.place)) & NEEDS_OPENED)


def _earliest(row: Row, name: str, late_after_ms: int) -> int | None:
    event, _, request_id = name.partition(":")
    best, useful_before = None, "~"
    for fact in _facts(row, request_id):
        # Compare texts first: orders have thousands of facts, and nearly all came too late to give the earliest time.
        if fact.received_at < useful_before and _needs(fact, event):
            deadline = _deadline(fact, late_after_ms)
            if best is None or deadline < best:
                best, useful_before = deadline, rfc3339_millis(deadline - late_after_ms)
    return best


def _facts(row: Row, request_id: str) -> Iterable[StoredFact]:
    """Facts of a request, or all. Without logical timestamps, which NewStore always sends, only its last is known."""
    if not request_id:
        return row.facts
    request = row.slots.requests[request_id]
    return [row.facts[at] for at in {*request.turns, request.last}]


def _deadline(fact: StoredFact, after_ms: int) -> int:
    received, published = _times(fact)
    return _arrived(received, published) + max(after_ms, min(received - published, _MOST_MS))


def _times(fact: StoredFact) -> tuple[int, int]:
    """When the fact was received and published (ms since 1970); without a readable time, as if published on receipt."""
    received, published_at = epoch_millis(fact.received_at), published_at_of(fact.place)
    return received, received if published_at is None else epoch_millis(published_at)


def _arrived(received: int, published: int) -> int:
    return max(received, min(published, received + _MOST_MS))
