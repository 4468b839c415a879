"""Facts of an order that cannot all be true (docs/order-state.md)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.programs.checker.facts import (
    CANCELLED,
    COMPLETED,
    HANDED_OVER,
    ITEMS_CANCELLED,
    RETURN,
    SHIPPED,
    Fact,
    in_force,
    of,
)
from tests.programs.checker.order_evidence import Evidence
from tests.programs.checker.order_items import Items, ends_that_cancel, ordered_pieces, pieces_cancelled
from tests.programs.checker.order_money import said_of_payments
from tests.programs.checker.order_returns import goods, is_more_than_money
from tests.programs.checker.values import text

Contradiction = tuple[str, str | None, list[str]]
"""Kind, subject, sources of the facts."""


def contradictions_of(evidence: Evidence, items: Items, *, shipped: bool) -> list[Contradiction]:
    """The document's `contradictions`. `shipped`: something of the order certainly went out."""
    found = [
        *_rivals(evidence.facts),
        *_of_transactions(evidence.facts),
        *_of_ends(evidence, shipped=shipped),
        *_of_items(evidence, items),
    ]
    return sorted(found, key=str)


def _rivals(facts: Sequence[Fact]) -> Iterator[Contradiction]:
    rivals: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        rivals[fact.event].append(fact)
    yield from (("conflicting_payloads", None, _sources(of_it)) for of_it in rivals.values() if len(of_it) > 1)


def _of_transactions(facts: Sequence[Fact]) -> Iterator[Contradiction]:
    """A value that is not there, or cannot be read, contradicts nothing."""
    named: dict[str, list[Fact]] = defaultdict(list)
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact, key, payment in said_of_payments(facts):
        named[key].append(fact)
        for field in ("amount", "currency", "instrument_id", "correlation_id"):
            if payment[field] is not None:
                said[key, field].add(payment[field])
    for key in {key for (key, _), values in said.items() if len(values) > 1}:
        yield "conflicting_transactions", key, _sources(named[key])


def _of_ends(evidence: Evidence, *, shipped: bool) -> Iterator[Contradiction]:
    """Without order.completed, the first fact that proves the shipment stands for all."""
    facts = evidence.facts
    cancelled, completed = of(facts, CANCELLED), of(facts, COMPLETED)
    if cancelled and completed and shipped:
        yield "cancelled_and_completed", None, _sources([*cancelled, *completed])
    elif cancelled and shipped:
        back = [fact for fact in in_force(facts, RETURN).values() if is_more_than_money(fact, evidence.services)]
        telling = [fact for fact in facts if fact.name in {HANDED_OVER, SHIPPED} or fact in back]
        yield "cancelled_and_shipped", None, _sources([*cancelled, *telling[:1]])


def _of_items(evidence: Evidence, items: Items) -> Iterator[Contradiction]:
    for key, item in items.items():
        went_out = item["status"] in {"complete", "returned"} and key not in evidence.services
        if went_out and (off := [*_cancelling(evidence, key, item)]):
            yield "item_cancelled_and_shipped", key, _sources([*off, *_first_sending(evidence, key, off)])
        if item["quantity"] is not None and item["returned_quantity"] > item["quantity"]:
            yield "returned_more_than_ordered", key, _sources(_giving_back(evidence, key))


def _cancelling(evidence: Evidence, item: str, known: dict[str, Any]) -> Iterator[Fact]:
    """The facts that cancel the item: every items_cancelled, and every end of the order that counts pieces, if they
    cancel all pieces or more than had stayed; and the last order.completed or order.shipped if that states it as
    cancelled."""
    pieces = ordered_pieces(known)
    if (off := pieces_cancelled(evidence, item, pieces)) == pieces or off > pieces - known["shipped_quantity"]:
        yield from (evidence.facts[place] for place, _ in evidence.named[ITEMS_CANCELLED].get(item, ()))
        yield from (evidence.facts[place] for place in ends_that_cancel(evidence, item, pieces))
    for end in (COMPLETED, SHIPPED):
        if evidence.stated(item, end) == "cancelled":
            yield evidence.facts[evidence.named[end][item][-1][0]]


def _first_sending(evidence: Evidence, item: str, off: Sequence[Fact]) -> list[Fact]:
    """The first fact outside `off` that says that the item went out. Of each kind of end of the order, only the last
    one counts."""
    places = [place for place, _ in evidence.named[HANDED_OVER].get(item, ())]
    if any(text(line.get("status")) != "cancelled" for line in evidence.says(item, SHIPPED)):
        places.append(evidence.named[SHIPPED][item][-1][0])
    if evidence.stated(item, COMPLETED) in {"complete", "returned"}:
        places.append(evidence.named[COMPLETED][item][-1][0])
    back = _giving_back(evidence, item)
    places += [place for place, fact in enumerate(evidence.facts) if fact in back]
    return [evidence.facts[place] for place in sorted(places) if evidence.facts[place] not in off][:1]


def _giving_back(evidence: Evidence, item: str) -> list[Fact]:
    returns = in_force(evidence.facts, RETURN).values()
    return [fact for fact in returns if item in dict(goods(fact, evidence.goods))]


def _sources(facts: Iterable[Fact]) -> list[str]:
    return sorted({fact.source for fact in facts})
