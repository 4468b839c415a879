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
"""What is said of items, by item id."""

ENDS = (COMPLETED, SHIPPED, CANCELLED)
"""Events that end the order."""


def is_service(kind: str | None) -> bool:
    """Whether an item of this type is paid for but not sent."""
    return (kind or "").strip().lower() in {"shipping", "gift-wrapping"}


NAMING = (*ENDS, ITEMS_CANCELLED, HOLD, SWAP, SERIAL_NUMBERS, *REQUEST_NAMES)
"""Events that prove that their items exist, whether or not a list has them."""


class Evidence:
    """`facts`: in canonical order."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self.requests = requests_of(facts)
        self.requests_for = _by_item(self.requests)
        """The requests that name an item, by item, in the order of their last facts."""
        self.created, self.opened = (_list_of(facts, name) for name in (CREATED, OPENED))
        self.listed = self.opened or self.created
        """The order's own list."""
        self.is_list_sure = all(map(_is_sure, of(facts, OPENED)[-1:])) and (
            bool(self.opened) or all(map(_is_sure, of(facts, CREATED)[-1:]))
        )
        """Whether each member of the list has a usable id, and no two have the same one."""
        self.is_list_known = bool(self.listed) and self.is_list_sure
        self.listing = _listings(facts)
        """What lists say of each item, the list that wins last. The order's own list may no longer have the item."""
        self.named = self._named()
        """By event name and item: the places of the facts that name it and what they say, in canonical order."""
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
        """Items that a list calls shipping or gift wrapping."""
        self.goods = self.effective - self.services

    def says(self, item: str, *names: str) -> Iterator[dict[str, Any]]:
        """What facts of these names say of an item, in canonical order."""
        said = [each for name in names for each in self.named[name].get(item, ())]
        return (line for _, line in sorted(said, key=lambda each: each[0]))

    def stated(self, item: str, name: str) -> str | None:
        """The status that the last end of this name gives an item; None if it gives no known one. If it has lines for
        single pieces, one that went out wins; `cancelled` needs all of them to say so."""
        last = self._last_place(item, name)
        statuses = {text(line.get("status")) for place, line in self.named[name].get(item, ()) if place == last}
        return next((each for each in ("complete", "returned") if each in statuses), None) or (
            "cancelled" if statuses == {"cancelled"} else None
        )

    def ended_pieces(self, item: str) -> int | None:
        """How many pieces the last end of the order that says so counts: its lines add up."""
        found: dict[int, int] = {}
        for name in ENDS:
            for place, line in self.named[name].get(item, ()):
                if (more := pieces(line.get("quantity"))) is not None:
                    found[place] = found.get(place, 0) + more
        return found[max(found)] if found else None

    def is_handed_over(self, item: str) -> bool:
        """Whether a request has completed the item."""
        return any(request.status_of[item] == "completed" for _, request in self.requests_for[item])

    def is_held(self, item: str) -> bool:
        """Whether the item was put on hold and not assigned since, without order.completed and order.cancelled."""
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
    """Of two members with one id the last counts, without a quantity: nobody knows how many pieces there are."""
    members = Counter(item for item, _ in fact.by_item())
    return {
        item: line if members[item] == 1 else {name: said for name, said in line.items() if name != "quantity"}
        for item, line in fact.by_item()
    }


def _is_sure(fact: Fact) -> bool:
    """Whether each member of the list is an item of its own."""
    members = fact.payload.get("items")
    return len(members if isinstance(members, list) else ()) == len(dict(fact.by_item()))


def _by_item(requests: dict[str, Request]) -> dict[str, list[tuple[str, Request]]]:
    found: dict[str, list[tuple[str, Request]]] = defaultdict(list)
    for key, request in requests.items():
        for item in request.status_of:
            found[item].append((key, request))
    return found


def _listings(facts: Sequence[Fact]) -> dict[str, list[dict[str, Any]]]:
    """By item. Of several facts with one name the last counts; `order.opened`, the last name, wins field by field."""
    said: dict[str, Lines] = {
        name: {item: line for fact in of(facts, name) for item, line in _lines(fact).items()}
        for name in (CREATED, OPENED)
    }
    return {item: [by[item] for by in said.values() if item in by] for item in {*said[CREATED], *said[OPENED]}}
