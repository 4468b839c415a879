"""Facts of an order that cannot all be true; order-state rules R1, R5 and R6, written once more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.programs.checker.facts import CANCELLED, COMPLETED, ITEMS_CANCELLED, RETURN, SHIPPED, Fact, in_force, of
from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_items import Items, ordered_pieces, pieces_cancelled
from tests.programs.checker.order_money import said_of_payments
from tests.programs.checker.order_returns import goods

Contradiction = tuple[str, str | None, list[str]]
"""Kind, subject, sources of the facts."""


def contradictions_of(evidence: Evidence, items: Items, *, shipped: bool) -> list[Contradiction]:
    """The document's; ``shipped``: something of the order certainly left the house."""
    found = [
        *_rivals(evidence.facts),
        *_of_transactions(evidence.facts),
        *_of_ends(evidence.facts, shipped=shipped),
        *_of_items(evidence, items),
    ]
    return sorted(found, key=str)


def _rivals(facts: Sequence[Fact]) -> Iterator[Contradiction]:
    rivals: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        rivals[fact.event].append(fact)
    yield from (("conflicting_payloads", None, _sources(of_it)) for of_it in rivals.values() if len(of_it) > 1)


def _of_transactions(facts: Sequence[Fact]) -> Iterator[Contradiction]:
    """What is not said, or cannot be read, contradicts nothing."""
    named: dict[str, list[Fact]] = defaultdict(list)
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact, key, payment in said_of_payments(facts):
        named[key].append(fact)
        for field in ("amount", "currency", "instrument_id", "correlation_id"):
            if payment[field] is not None:
                said[key, field].add(payment[field])
    for key in {key for (key, _), values in said.items() if len(values) > 1}:
        yield "conflicting_transactions", key, _sources(named[key])


def _of_ends(facts: Sequence[Fact], *, shipped: bool) -> Iterator[Contradiction]:
    cancelled, completed = of(facts, CANCELLED), of(facts, COMPLETED)
    if cancelled and shipped:
        kind = "cancelled_and_completed" if completed else "cancelled_and_shipped"
        yield kind, None, _sources([*cancelled, *completed])


def _of_items(evidence: Evidence, items: Items) -> Iterator[Contradiction]:
    returns = in_force(evidence.facts, RETURN).values()
    for key, item in items.items():
        if item["status"] in {"complete", "returned"} and (off := [*_cancelling(evidence, key, item)]):
            yield "item_cancelled_and_shipped", key, _sources(off)
        if item["quantity"] is not None and item["returned_quantity"] > item["quantity"]:
            having = [fact for fact in returns if key in dict(goods(fact, evidence.goods))]
            yield "returned_more_than_ordered", key, _sources(having)


def _cancelling(evidence: Evidence, item: str, known: dict[str, Any]) -> Iterator[Fact]:
    """Each cancellation of it, where they are of all its pieces, or of more than those that stayed, and each end of the
    order that leaves it as cancelled by its last word."""
    pieces = ordered_pieces(known)
    if (off := pieces_cancelled(evidence, item, pieces)) == pieces or off > pieces - known["shipped_quantity"]:
        yield from (evidence.facts[place] for place, _ in evidence.named[ITEMS_CANCELLED].get(item, ()))
    for end in (COMPLETED, SHIPPED):
        if evidence.stated(item, end) == "cancelled":
            yield evidence.facts[evidence.named[end][item][-1][0]]


def _sources(facts: Iterable[Fact]) -> list[str]:
    return sorted({fact.source for fact in facts})
