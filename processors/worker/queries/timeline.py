"""Pages of an order's timeline. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, get_args

from msgspec import structs

from processors.orders.canonical import identity_of, parts_of
from processors.orders.render.timeline import entry
from processors.orders.row import StoredFact
from processors.worker.queries.pages import kind_of_list

TimelineOrder = Literal["happened", "arrived"]
ORDERS: Final[Sequence[str]] = get_args(TimelineOrder)


def places(facts: Iterable[StoredFact], order: TimelineOrder) -> list[tuple[bytes, StoredFact]]:
    """Return the facts with their places, in canonical order or in the order of receipt."""
    placed = [(_place(fact, order), fact) for fact in facts]
    return sorted(placed, key=lambda each: each[0])


def kind_of_timeline(order_id: str, order: TimelineOrder) -> str:
    """Return what cursors of an order's timeline begin with."""
    return kind_of_list(order, order_id)


def lines(facts: Sequence[tuple[bytes, StoredFact]], of_all: Sequence[StoredFact]) -> list[dict[str, Any]]:
    """Return what the timeline shows of these facts, a page of the order's facts `of_all`.

    `repeat_of` is the raw record of the first publication, if NewStore published the same event with the same payload
    again.
    """
    firsts = _firsts(of_all)
    return [_line(fact, firsts) for _, fact in facts]


def _place(fact: StoredFact, order: TimelineOrder) -> bytes:
    if order == "happened":
        return fact.place.encode()
    return f"{fact.received_at}\0{fact.place}".encode()  # the place tells facts of the same millisecond apart


def _line(fact: StoredFact, firsts: Mapping[tuple[str, str], StoredFact]) -> dict[str, Any]:
    parts = parts_of(fact.place)
    first = firsts[parts.event, parts.payload_hash]
    return {
        **structs.asdict(entry(fact)),
        "payload_hash": parts.payload_hash,
        "conflict": fact.conflict,
        "repeat_of": None if identity_of(first.place) == identity_of(fact.place) else first.source,
    }


def _firsts(facts: Iterable[StoredFact]) -> dict[tuple[str, str], StoredFact]:
    found: dict[tuple[str, str], StoredFact] = {}
    for fact in sorted(facts, key=lambda each: each.place):
        parts = parts_of(fact.place)
        found.setdefault((parts.event, parts.payload_hash), fact)
    return found
