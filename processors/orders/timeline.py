"""The facts as the document lists them."""

from collections.abc import Iterable
from typing import Any

from processors.orders.canonical import StoredFact
from schemas.instant import is_time


def timeline(facts: Iterable[StoredFact]) -> list[dict[str, Any]]:
    """Return the document's `timeline`, one entry a fact; a `published_at` that was no time is null."""
    return [
        {
            "event": event,
            "key": key,
            "published_at": instant if is_time(instant) else None,
            "received_at": received_at,
            "source": source,
        }
        for event, key, instant, _, received_at, source, _ in facts
    ]
