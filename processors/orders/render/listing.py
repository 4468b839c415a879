"""Which items an order has: its own list, other items that it owes, and which items replace others."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, Final, NamedTuple

from processors.orders.events import IN_REQUEST, bits
from processors.orders.payload import LISTED_FIELDS
from processors.orders.slots import ItemSlots, OrderSlots, Places, is_later, stated_by

_OWED: Final = IN_REQUEST | bits("order.completed", "order.shipped", "order.items_swapped")
"""Events whose items the order owes, whether its list has them or not."""

_NO_GOODS: Final = frozenset({"shipping", "gift-wrapping"})
"""Types of lines that are paid for but are no pieces: nothing of them is sent or comes back."""

_NO_FIELDS: Final = (None,) * len(LISTED_FIELDS)
_QUANTITY, _TYPE = ([*LISTED_FIELDS].index(name) for name in ("quantity", "item_type"))


@lru_cache(maxsize=1024)
def is_no_goods(item_type: str | None) -> bool:
    """Return whether a type is in `_NO_GOODS`, trimmed and in any case. Cached, because every line is checked."""
    return item_type is not None and item_type.strip().casefold() in _NO_GOODS


class Listing(NamedTuple):
    """`listed`: the order's own list, that of `order.opened`, else of `order.created`. `effective`: its items, those
    that the order owes without listing them, and both sides of each known swap. `replaced`: no longer owed.
    `replaced_by`: the known swaps. `services`: items that a list calls no goods. `is_clear`: the list tells all its
    items apart, or there is none. `is_known`: there is a clear list."""

    listed: AbstractSet[str]
    effective: AbstractSet[str]
    replaced: AbstractSet[str]
    replaced_by: Mapping[str, str]
    services: AbstractSet[str]
    is_clear: bool
    is_known: bool


def listing_of(slots: OrderSlots, places: Places) -> Listing:
    """Return the order's items by its lists and swaps."""
    # An item is in the list that counts only if the same fact names it: a conflicting list may name it, too.
    created_by, opened_by = stated_by(slots.created), stated_by(slots.opened)
    created, opened, owed, services = set[str](), set[str](), set[str](), set[str]()
    for item_id, item in slots.items.items():
        if item.created is not None and item.created[0] == created_by:
            created.add(item_id)
        if item.opened is not None and item.opened[0] == opened_by:
            opened.add(item_id)
        if item.named & _OWED:
            owed.add(item_id)
        if is_no_goods(_listed(item, _TYPE)):
            services.add(item_id)
    listed = opened or created
    is_clear = opened_by not in slots.unclear and (bool(opened) or created_by not in slots.unclear)
    swaps = _swaps(slots, places, listed, created) if slots.swaps else {}
    fell_out = created - listed if is_clear else ()
    dropped = {item_id for item_id in fell_out if not slots.items[item_id].named & IN_REQUEST}
    return Listing(
        listed=listed,
        effective=listed.union(owed, swaps.keys(), swaps.values()),
        replaced=dropped.union(swaps),
        replaced_by=swaps,
        services=services,
        is_clear=is_clear,
        is_known=bool(listed) and is_clear,
    )


def _swaps(slots: OrderSlots, places: Places, listed: AbstractSet[str], created: AbstractSet[str]) -> dict[str, str]:
    """By replaced item, its replacement. A swap is inferred if, of the ids that stand together in the event, exactly
    one is in the list and one other is known. An item that fell out of the list was replaced. Otherwise a list from
    before the swap has the replaced item, and a later list has the replacement."""
    swaps: dict[str, str] = {}
    list_at = stated_by(slots.opened or slots.created)
    for at, ids in sorted(slots.swaps, key=lambda swap: (places[swap[0]], swap[1])):
        here = [each for each in ids if each in listed]
        other = [each for each in ids if each in slots.items and each not in listed]
        if len(here) == len(other) == 1:
            fell_out = other[0] in created or not is_later(at, list_at, places)
            old, new = (other[0], here[0]) if fell_out else (here[0], other[0])
            if swaps.get(new) != old:  # else two items would replace each other, and both be gone
                swaps[old] = new
    return swaps


def listed_fields(item: ItemSlots) -> Sequence[Any]:
    """Return `payload.LISTED_FIELDS`, each as the opened list has it, else as the created one has it."""
    if item.opened is None or item.created is None:
        either = item.opened or item.created
        return _NO_FIELDS if either is None else list(either[1])
    if item.opened[1] == item.created[1]:
        return list(item.opened[1])
    return [old if new is None else new for new, old in zip(item.opened[1], item.created[1], strict=True)]


def quantity_of(item: ItemSlots) -> int | None:
    """Return how many pieces were ordered; None if no fact says it."""
    quantity = _listed(item, _QUANTITY)
    if quantity is not None:
        return int(quantity)
    return None if item.quantity is None else int(item.quantity[1])


def _listed(item: ItemSlots, field: int) -> Any:
    """One of `listed_fields`."""
    for listed in (item.opened, item.created):
        if listed is not None and (value := listed[1][field]) is not None:
            return value
    return None
