"""The timeline: an order's facts in canonical order."""

from collections.abc import Iterable
from typing import Any, Final

from processors.orders.canonical import parts_of
from processors.orders.row import StoredFact

IN_DOCUMENT: Final = 20
"""So many entries, the last ones, are in the document."""


def in_order(facts: Iterable[StoredFact]) -> list[StoredFact]:
    """Return facts in canonical order."""
    return sorted(facts, key=lambda fact: fact.place)


def timeline(facts: Iterable[StoredFact]) -> list[dict[str, Any]]:
    """Return an entry for each; a `published_at` that was no time is null."""
    return [entry(fact) for fact in facts]


def entry(fact: StoredFact) -> dict[str, Any]:
    """Return the fact as the timeline has it."""
    published_at, event, key, _ = parts_of(fact.place)
    return {
        "event": event,
        "key": key,
        "published_at": published_at,
        "received_at": fact.received_at,
        "source": fact.source,
    }
