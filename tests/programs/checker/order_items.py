"""What facts, in the order in which they happened, say of an order's items; docs/order-state.md, written once more."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.programs.checker.facts import ENDS, LISTS, MOVES, RETURN, SWAP, Fact, pieces, usable

ITEM_FIELDS = ("status", "ordered", "quantity", "returned_quantity")

_STATUSES = {"pending", "in_fulfillment", "on_hold", "complete", "cancelled", "returned"}


def items_of(facts: Sequence[Fact]) -> dict[str, dict[str, Any]]:
    """By id: these fields of the document's ``items``."""
    listed = {name: {item for fact in facts if fact.name == name for item, _ in fact.by_item()} for name in LISTS}
    ordered = listed["order.opened"] or listed["order.created"]
    quantities, returned, stated = _quantities(facts), _returned(facts), _stated(facts)
    cancelled = any(fact.name == "order.cancelled" for fact in facts)

    def status(item: str, progress: str) -> str:
        if 0 < returned[item] >= quantities.get(item, 1):
            return "returned"
        if progress in {"complete", "cancelled"}:
            return progress
        return stated.get(item) or ("cancelled" if cancelled else progress)

    return {
        item: {
            "status": status(item, last),
            "ordered": item in ordered,
            "quantity": quantities.get(item),
            "returned_quantity": returned[item],
        }
        for item, last in progress(facts).items()
    }


def progress(facts: Sequence[Fact]) -> dict[str, str]:
    """Where each item is by the last fact about it."""
    status: dict[str, str] = {}
    for fact in facts:
        for item, _ in fact.by_item():
            before = status.setdefault(item, "pending")
            if fact.name in MOVES:
                status[item] = MOVES[fact.name]
            elif before == "on_hold" and (fact.of_request or fact.name == SWAP):
                status[item] = "in_fulfillment" if fact.of_request else "pending"
    return status


def return_status(facts: Sequence[Fact], items: dict[str, dict[str, Any]]) -> str:
    """The document's, given what ``items_of`` found."""
    if not any(fact.name == RETURN and fact.id for fact in facts):
        return "none"
    listed = {item: known for item, known in items.items() if known["ordered"]}
    ordered = {item: 1 if known["quantity"] is None else known["quantity"] for item, known in listed.items()}
    due = {item: count for item, count in ordered.items() if listed[item]["status"] != "cancelled"}
    returned = _returned(facts)
    back = sum(min(due.get(item, 0), count) if item in listed else count for item, count in returned.items())
    return "full" if 0 < sum(due.values()) <= back else "partial"


def _stated(facts: Sequence[Fact]) -> dict[str, str]:
    """The status that the last end of the order gives an item."""
    stated = {}
    for fact in facts:
        if fact.name in ENDS:
            for item, line in fact.by_item():
                status = usable(line.get("status"))
                stated[item] = status if status in _STATUSES else ENDS[fact.name]
    return stated


def _quantities(facts: Sequence[Fact]) -> dict[str, int]:
    """Pieces ordered: by the last list that has the item, else by the first end that has it."""
    said = [fact for fact in facts if fact.name in ENDS][::-1] + [fact for fact in facts if fact.name in LISTS]
    return {
        item: quantity
        for fact in said
        for item, line in fact.by_item()
        if (quantity := pieces(line.get("quantity"))) is not None
    }


def _returned(facts: Sequence[Fact]) -> Counter[str]:
    """Pieces that came back, lines without an item's id together; of facts about one return the last counts."""
    returned = Counter[str]()
    for fact in {fact.id: fact for fact in facts if fact.name == RETURN and fact.id}.values():
        for line in fact.lines():
            quantity = pieces(line.get("quantity"))
            returned[usable(line.get("id")) or ""] += 1 if quantity is None else quantity
    return returned
