"""Which items an order has: its own list, those that it owes, and which of them stand in for others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from processors.orders.events import IN_REQUEST, bits
from processors.orders.payload import LISTED_FIELDS
from processors.orders.slots import NONE, ItemSlots, OrderSlots, Places, Stated, is_later

_OWED: Final = IN_REQUEST | bits("order.completed", "order.shipped", "order.items_swapped")
"""Events whose items the order owes, whether they are in its list or not."""

_QUANTITY: Final = [*LISTED_FIELDS].index("quantity")


@dataclass(frozen=True, slots=True)
class Listing:
    """`listed` is the order's own list: that of `order.opened`, else of `order.created`; `effective` are its items and
    those that were fulfilled without being there. `replaced` are no longer owed. `replaced_by` has the swaps that can
    be told. `is_known`: there is a list.
    """

    listed: frozenset[str]
    effective: frozenset[str]
    replaced: frozenset[str]
    replaced_by: Mapping[str, str]
    is_known: bool


def listing_of(slots: OrderSlots, places: Places) -> Listing:
    """Return what lists and swaps amount to."""
    created = frozenset(item_id for item_id, item in slots.items.items() if _stands_in(item.created, slots.created))
    opened = frozenset(item_id for item_id, item in slots.items.items() if _stands_in(item.opened, slots.opened))
    listed = opened or created
    swaps = _swaps(slots, places, listed, created)
    named = swaps.keys() | set(swaps.values())
    owed = {item_id for item_id, item in slots.items.items() if item.named & _OWED or item_id in named}
    dropped = {item_id for item_id in created - listed if not slots.items[item_id].named & IN_REQUEST}
    return Listing(
        listed=listed,
        effective=frozenset(listed | owed),
        replaced=frozenset(dropped | swaps.keys()),
        replaced_by=swaps,
        is_known=bool(listed),
    )


def _stands_in(item: Stated | None, order: Stated | None) -> bool:
    """Whether the item is in the very list that counts: a conflicting one may be there, too."""
    return item is not None and order is not None and item[0] == order[0]


def _swaps(slots: OrderSlots, places: Places, listed: frozenset[str], created: frozenset[str]) -> dict[str, str]:
    """By replaced item, the one in its place: inferred where exactly one of those that stand together in a swap is in
    the list and one other is known. One that fell out of the list is the one replaced; else a list from before the swap
    has the one replaced, and a later list its replacement."""
    swaps: dict[str, str] = {}
    list_at = (slots.opened or slots.created or (NONE,))[0]
    for at, ids in sorted(slots.swaps, key=lambda swap: (places[swap[0]], swap[1])):
        here = [each for each in ids if each in listed]
        other = [each for each in ids if each in slots.items and each not in listed]
        if len(here) == len(other) == 1:
            fell_out = other[0] in created or not is_later(at, list_at, places)
            old, new = (other[0], here[0]) if fell_out else (here[0], other[0])
            if swaps.get(new) != old:  # else two items replace each other, and both are gone
                swaps[old] = new
    return swaps


def listed_fields(item: ItemSlots) -> dict[str, Any]:
    """Return `payload.LISTED_FIELDS`, each as the opened list has it, else as the created one has it."""
    if item.opened is None or item.created is None:
        either = item.opened or item.created
        return dict(zip(LISTED_FIELDS, either[1], strict=True)) if either else dict.fromkeys(LISTED_FIELDS)
    both = zip(LISTED_FIELDS, item.opened[1], item.created[1], strict=True)
    return {name: old if new is None else new for name, new, old in both}


def quantity_of(item: ItemSlots) -> int | None:
    """Return how many pieces were ordered, None if no fact says it."""
    for said in (item.opened, item.created):
        if said is not None and (listed := said[1][_QUANTITY]) is not None:
            return int(listed)
    return None if item.quantity is None else int(item.quantity[1])
