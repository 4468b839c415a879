"""What facts say of an order's fulfilment requests (docs/order-state.md)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tests.programs.checker.facts import ASSIGNED, FAILED, HANDED_OVER, READY, Fact, of, position
from tests.programs.checker.values import instant, last, logical_time, text

_LATTICE = {ASSIGNED: "assigned", READY: "ready", FAILED: "failed", HANDED_OVER: "completed"}
"""What each event makes of an item. An item never goes back in this order, whatever the clocks say."""

_RANKS = {name: rank for rank, name in enumerate(_LATTICE)}
_OPEN = {"assigned", "ready"}
_ITEM_FIELDS = {"product_id": text, "carrier": text, "tracking_code": text, "shipped_at": instant}

REQUEST_NAMES = tuple(_LATTICE)


class Request:
    """A fulfilment request. `facts`: those about it, in canonical order."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = sorted(facts, key=_when)
        self._upwards = sorted(self.facts, key=lambda fact: _RANKS[fact.name])
        self.status_of: dict[str, str] = {
            item: _LATTICE[fact.name] for fact in self._upwards for item, _ in fact.by_item()
        }
        """How far each item got."""

    def said(self, field: str) -> str | None:
        """What the last fact that has this field says there."""
        return last(text(fact.payload.get(field)) for fact in self.facts)

    def parcels(self) -> dict[str, list[int]]:
        """How often each completed item is named at a time. Facts of one logical time, or of none, may tell the same
        again: of these, the one that names the item most often counts."""
        told: dict[int | None, Counter[str]] = defaultdict(Counter)
        for fact in of(self.facts, HANDED_OVER):
            told[_logical_time(fact)] |= Counter(item for item, _ in fact.by_item())
        found: dict[str, list[int]] = defaultdict(list)
        for named in told.values():
            for item, count in named.items():
                found[item].append(count)
        return found

    def has(self, item: str) -> Fact:
        """The fact since which an item is where this request has it: its last handover if it is completed, else its
        last assignment, else the last fact of the request."""
        naming = [fact for fact in self.facts if item in dict(fact.by_item())]
        decisive = HANDED_OVER if self.status_of[item] == "completed" else ASSIGNED
        return max(of(naming, decisive) or self.facts, key=position)

    def items(self) -> dict[str, dict[str, Any]]:
        """The request's items for the document, by id."""
        found: dict[str, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(_ITEM_FIELDS))
        for fact in self._upwards:
            for item, line in fact.by_item():
                read = {field: reader(line.get(field)) for field, reader in _ITEM_FIELDS.items()}
                found[item] |= {field: value for field, value in read.items() if value is not None}
        return {item: {"status": self.status_of[item], **fields} for item, fields in found.items()}

    def document(self) -> dict[str, Any]:
        """The whole request for the document."""
        fields = ("fulfillment_location_id", "service_level", "associate_id")
        return {"status": self._status(), **{field: self.said(field) for field in fields}, "items": self.items()}

    def _status(self) -> str:
        """By its items; if none is known, by the event that is furthest along."""
        states = set(self.status_of.values()) or {_LATTICE[self._upwards[-1].name]}
        if "completed" in states:
            return "partially_completed" if states & _OPEN else "completed"
        return next(status for status in ("ready", "assigned", "failed") if status in states)


def requests_of(facts: Sequence[Fact]) -> dict[str, Request]:
    """By id, in the order of their last facts."""
    found: dict[str, list[Fact]] = {}
    for fact in of(facts, *REQUEST_NAMES):
        found[fact.id] = [*found.pop(fact.id, ()), fact]
    return {request: Request(of_it) for request, of_it in found.items()}


def _when(fact: Fact) -> tuple[str, int, int]:
    """Logical times decide between facts of one instant and one name; one without a logical time comes first."""
    logical = _logical_time(fact)
    moment = (instant(fact.published_at) or "").removesuffix("Z")
    return moment, _RANKS[fact.name], -1 if logical is None else logical


def _logical_time(fact: Fact) -> int | None:
    return logical_time(fact.payload.get("logical_timestamp"))
