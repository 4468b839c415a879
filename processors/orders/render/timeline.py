"""The timeline: an order's facts in canonical order."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Final

from processors.orders.canonical import parts_of
from processors.orders.render.structs import TimelineEntry
from processors.orders.row import StoredFact

IN_DOCUMENT: Final = 20
"""How many entries the document has: the last ones."""
_PLACE: Final = attrgetter("place")


def in_order(facts: Iterable[StoredFact]) -> list[StoredFact]:
    """Return facts in canonical order."""
    return sorted(facts, key=_PLACE)


def timeline(facts: Iterable[StoredFact]) -> list[Any]:
    """Return an entry for each fact; a `published_at` that was no time is null."""
    return [entry(fact) for fact in facts]


def entry(fact: StoredFact) -> Any:
    """Return the fact's entry in the timeline."""
    published_at, event, key, _ = parts_of(fact.place)
    return TimelineEntry(event, key, published_at, fact.received_at, fact.source)
