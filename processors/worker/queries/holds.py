"""Since when items of an order are on hold. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from processors.orders.canonical import Place, event_of, instant_of, parts_of, published_at_of
from processors.orders.render.requests import NO_FULFILMENT, fulfilments
from processors.orders.row import Row
from processors.orders.slots import NONE

_HELD: Final = "order.items_on_hold"


def on_hold_since(row: Row, item_ids: Collection[str]) -> Mapping[str, str | None]:
    """Return of these items, which are on hold, the RFC 3339 time of the earliest event that put them there and that no
    later assignment has ended; None where that is not known.

    A hold is published again with the same payload, so it is as old as the first of these. Which items those with other
    payloads named a row does not know, but of the latest.
    """
    if not item_ids:
        return {}
    places, requested = row.places, fulfilments(row.slots, row.places)
    holds = [place for place in places if event_of(place) == _HELD]
    found = dict[str, str | None]()
    for item_id in item_ids:
        assigned = requested.get(item_id, NO_FULFILMENT).assigned
        ended = "" if assigned == NONE else places[assigned]
        latest = row.slots.items[item_id].held
        since = [] if latest == NONE else [place for place in _repeats(holds, places[latest]) if place > ended]
        found[item_id] = published_at_of(min(since)) if since else None
    return found


def _repeats(holds: Collection[Place], hold: Place) -> Iterator[Place]:
    """All with this payload that say when they were."""
    payload_hash = parts_of(hold).payload_hash
    return (place for place in holds if instant_of(place) and parts_of(place).payload_hash == payload_hash)
