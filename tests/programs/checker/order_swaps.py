"""Which item took the place of which (docs/order-state.md, "Swaps").

What NewStore says of a swap is not public, so a link is inferred: an event names one item that is in the order's list
and one that is not.
"""

from collections.abc import Collection, Sequence
from typing import Any

from tests.programs.checker.facts import CREATED, OPENED, SWAP, Fact, of
from tests.programs.checker.values import identifier


def replacements(
    facts: Sequence[Fact], listed: Collection[str], created: Collection[str], known: Collection[str]
) -> dict[str, str]:
    """By the item that is gone, the one that took its place. Of several links the last counts, unless it reverses an
    earlier one.

    If one of the two was in the list of `order.created` and fell out of the order's list, that one is gone. Else a list
    from before the swap still has the older item, and a later list the new one.
    """
    found: dict[str, str] = {}
    lists = of(facts, OPENED) or of(facts, CREATED)
    listed_at = facts.index(lists[-1]) if lists else -1
    for fact in of(facts, SWAP):
        for member in _members(fact):
            said = (identifier(value) for field, value in member.items() if field.endswith("id"))
            ids = {item for item in said if item is not None and item in known}
            inside, outside = ids & set(listed), ids - set(listed)
            if len(inside) == len(outside) == 1:
                (one,), (other,) = inside, outside
                is_after = facts.index(fact) < listed_at
                gone, new = (other, one) if other in created or is_after else (one, other)
                if found.get(new) != gone:  # of two links that contradict each other the first counts
                    found[gone] = new
    return found


def _members(fact: Fact) -> list[dict[str, Any]]:
    """What a swap says: of each item, or of all at once."""
    return list(fact.lines()) if "items" in fact.payload else [fact.payload]
