"""What an order's facts say of its items, before anything is concluded from it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tests.programs.checker.facts import (
    ASSIGNED,
    CANCELLED,
    COMPLETED,
    CREATED,
    HOLD,
    ITEMS_CANCELLED,
    OPENED,
    SERIAL_NUMBERS,
    SHIPPED,
    SWAP,
    Fact,
    of,
)
from tests.programs.checker.order_requests import REQUEST_NAMES, Request, requests_of
from tests.programs.checker.order_swaps import replacements
from tests.programs.checker.values import last, pieces, text

Lines = dict[str, dict[str, Any]]
"""What is said of items, by their ids."""

ENDS = (COMPLETED, SHIPPED, CANCELLED)
"""End the order."""


def is_service(kind: str | None) -> bool:
    """Whether something of this type is paid for and not sent."""
    return (kind or "").strip().lower() in {"shipping", "gift-wrapping"}


NAMING = (*ENDS, ITEMS_CANCELLED, HOLD, SWAP, SERIAL_NUMBERS, *REQUEST_NAMES)
"""Events whose items exist, whether a list has them or not."""


class Evidence:
    """``facts``: as they happened."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self.requests = requests_of(facts)
        self.requests_for = _by_item(self.requests)
        """By item the requests that name it, in the order of their last facts."""
        self.created, self.opened = (_list_of(facts, name) for name in (CREATED, OPENED))
        self.listed = self.opened or self.created
        """The order's own list."""
        self.is_list_sure = all(map(_is_sure, of(facts, OPENED)[-1:])) and (
            bool(self.opened) or all(map(_is_sure, of(facts, CREATED)[-1:]))
        )
        """Whether nothing is in it of which nobody can tell which item it is, or how many there are."""
        self.is_list_known = bool(self.listed) and self.is_list_sure
        self.listing = _listings(facts)
        """What lists say of an item, the one that wins last, though none may be the order's own any more."""
        self.named = self._named()
        """By event name and item the facts that name it and what they say, as they happened."""
        self.items = set(self.listing).union(*(self.named[name] for name in NAMING))
        self.replaced_by = replacements(facts, self.listed, self.created, self.items)
        handled = (*REQUEST_NAMES, COMPLETED, SHIPPED, SWAP)
        self.effective = set(self.listed).union(
            *(self.named[name] for name in handled), self.replaced_by, self.replaced_by.values()
        )
        """Items that the order is made of."""
        self.services = {
            item
            for item, lines in self.listing.items()
            if is_service(last(text(line.get("item_type")) for line in lines))
        }
        """What a list calls no goods."""
        self.goods = self.effective - self.services

    def says(self, item: str, *names: str) -> Iterator[dict[str, Any]]:
        """What facts of these names say of an item, as they happened."""
        said = [each for name in names for each in self.named[name].get(item, ())]
        return (line for _, line in sorted(said, key=lambda each: each[0]))

    def stated(self, item: str, name: str) -> str | None:
        """The status that the last end of the order by that name gives an item; one that nobody knows is none. Where it
        says something of each piece, those that went out count first, and those that were cancelled last."""
        last = self._last_place(item, name)
        statuses = {text(line.get("status")) for place, line in self.named[name].get(item, ()) if place == last}
        return next((each for each in ("complete", "returned") if each in statuses), None) or (
            "cancelled" if statuses == {"cancelled"} else None
        )

    def ended_pieces(self, item: str) -> int | None:
        """How many there are of it by the last end of the order that says so: those of its lines together."""
        found: dict[int, int] = {}
        for name in ENDS:
            for place, line in self.named[name].get(item, ()):
                if (more := pieces(line.get("quantity"))) is not None:
                    found[place] = found.get(place, 0) + more
        return found[max(found)] if found else None

    def is_handed_over(self, item: str) -> bool:
        """Whether a request has completed it."""
        return any(request.status_of[item] == "completed" for _, request in self.requests_for[item])

    def is_held(self, item: str) -> bool:
        """Whether it was put on hold and not assigned since, and the order has not come to its end."""
        held, assigned = (self._last_place(item, name) for name in (HOLD, ASSIGNED))
        return held > assigned and not of(self.facts, COMPLETED, CANCELLED)

    def _last_place(self, item: str, name: str) -> int:
        return max((place for place, _ in self.named[name].get(item, ())), default=-1)

    def _named(self) -> dict[str, dict[str, list[tuple[int, dict[str, Any]]]]]:
        found: dict[str, dict[str, list[tuple[int, dict[str, Any]]]]] = defaultdict(lambda: defaultdict(list))
        for place, fact in enumerate(self.facts):
            for item, line in fact.by_item():
                found[fact.name][item].append((place, line))
        return found


def _list_of(facts: Sequence[Fact], name: str) -> Lines:
    """The list of the last fact of that name."""
    return _lines(of(facts, name)[-1]) if of(facts, name) else {}


def _lines(fact: Fact) -> Lines:
    """Of two about one item the last counts, and neither tells how many pieces there are of it."""
    members = Counter(item for item, _ in fact.by_item())
    return {
        item: line if members[item] == 1 else {name: said for name, said in line.items() if name != "quantity"}
        for item, line in fact.by_item()
    }


def _is_sure(fact: Fact) -> bool:
    """Whether each member of its list is an item of its own."""
    members = fact.payload.get("items")
    return len(members if isinstance(members, list) else ()) == len(dict(fact.by_item()))


def _by_item(requests: dict[str, Request]) -> dict[str, list[tuple[str, Request]]]:
    found: dict[str, list[tuple[str, Request]]] = defaultdict(list)
    for key, request in requests.items():
        for item in request.status_of:
            found[item].append((key, request))
    return found


def _listings(facts: Sequence[Fact]) -> dict[str, list[dict[str, Any]]]:
    """Of what one event's facts say the last counts; ``order.opened`` wins field by field."""
    said: dict[str, Lines] = {
        name: {item: line for fact in of(facts, name) for item, line in _lines(fact).items()}
        for name in (CREATED, OPENED)
    }
    return {item: [by[item] for by in said.values() if item in by] for item in {*said[CREATED], *said[OPENED]}}
