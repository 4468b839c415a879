"""Until when what is missing may still come: for as long as what proves it was under way itself. And until when what
comes next may: for as long as a rule says, and at least as long as that."""

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
"""A delay says how late the whole stream is only up to here, for a single event may come after weeks; and so far a time
of publishing is believed rather than the clock of an ingress."""


class Upcoming(NamedTuple):
    """An event that must come next: its name, with what it is for behind a colon; `after`, the rule that says how long
    it may take (a field of `Patience`); and the fact since which it is awaited."""

    name: str
    after: str
    at: At


def deadlines(row: Row, names: Collection[str], late_after_ms: int) -> Mapping[str, int]:
    """Return by missing event the time (ms since 1970) from which on it is late: the earliest that a fact gives which
    needs it.

    Where no fact does, there is none: of an event that could not be processed nobody knows when it was published.
    """
    found = {name: _earliest(row, name, late_after_ms) for name in names}
    return {name: deadline for name, deadline in found.items() if deadline is not None}


def stalled_deadlines(row: Row, awaited: Iterable[Upcoming], patience: Patience) -> Mapping[str, int]:
    """Return by event that must come next the time (ms since 1970) from which on it has been awaited for too long."""
    found: dict[str, int] = {}
    for name, after, at in awaited:
        deadline = _deadline(row.facts[at], getattr(patience, after))
        found[name] = min(deadline, found.get(name, deadline))
    return found


def arrived_ms(fact: StoredFact) -> int:
    """Return since when a fact is here (ms since 1970): since it was received, or published, if that was later: no
    event is received before, so that was by an ingress whose clock is behind."""
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
        # As texts, and first of all: orders have thousands of facts, and nearly all of them came later.
        if fact.received_at < useful_before and _needs(fact, event):
            deadline = _deadline(fact, late_after_ms)
            if best is None or deadline < best:
                best, useful_before = deadline, rfc3339_millis(deadline - late_after_ms)
    return best


def _facts(row: Row, request_id: str) -> Iterable[StoredFact]:
    """Of a request, or all. Without logical timestamps, which NewStore always sends, only its last one is known."""
    if not request_id:
        return row.facts
    request = row.slots.requests[request_id]
    return [row.facts[at] for at in {*request.turns, request.last}]


def _deadline(fact: StoredFact, after_ms: int) -> int:
    received, published = _times(fact)
    return _arrived(received, published) + max(after_ms, min(received - published, _MOST_MS))


def _times(fact: StoredFact) -> tuple[int, int]:
    """When it was received and published; what was published at no time was so when it was received."""
    received, published_at = epoch_millis(fact.received_at), published_at_of(fact.place)
    return received, received if published_at is None else epoch_millis(published_at)


def _arrived(received: int, published: int) -> int:
    return max(received, min(published, received + _MOST_MS))
