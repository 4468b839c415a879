"""Since when items of an order are on hold. Pure."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from processors.orders.canonical import Place, event_of, instant_of, parts_of, published_at_of
from processors.orders.render.requests import NO_FULFILMENT, fulfilments
from processors.orders.row import Row
from processors.orders.slots import NONE

_HELD: Final = "order.items_on_hold"


def on_hold_since(row: Row, item_ids: Collection[str]) -> Mapping[str, str | None]:
    """Return since when each of these items, which are on hold, has been held: the RFC 3339 time of the earliest hold
    event after the item's last assignment; None where that is not known.

    A hold is published again with the same payload, so it is as old as the first event with that payload. Earlier holds
    with another payload do not count: of each item, a row knows only the latest hold.
    """
    if not item_ids:
        return {}
    places, requested = row.places, fulfilments(row.slots, row.places)
    by_payload = _by_payload(places)
    found = dict[str, str | None]()
    for item_id in item_ids:
        assigned = requested.get(item_id, NO_FULFILMENT).assigned
        ended = "" if assigned == NONE else places[assigned]
        latest = row.slots.items[item_id].held
        repeats = [] if latest == NONE else by_payload.get(parts_of(places[latest]).payload_hash, [])
        first = bisect(repeats, ended)
        found[item_id] = published_at_of(repeats[first]) if first < len(repeats) else None
    return found


def _by_payload(places: Iterable[Place]) -> Mapping[str, Sequence[Place]]:
    """The holds that have a time, in order, by the hash of their payload. They are grouped once for all items: as many
    items may be held as there are holds."""
    found = defaultdict[str, list[Place]](list)
    for place in sorted(places):
        if event_of(place) == _HELD and instant_of(place):
            found[parts_of(place).payload_hash].append(place)
    return found
