"""Facts that cannot all be true. Nothing is decided between them: they are put side by side."""

from collections.abc import Sequence
from typing import Any, Final

from processors.orders.canonical import CONFLICT, EVENT, KEY, PAYLOAD_HASH, StoredFact
from processors.orders.folded import Folded
from processors.orders.timeline import timeline
from schemas.order_state import ContradictionKind

_ENDS: Final = ("order.cancelled", "order.completed")


def contradictions(facts: Sequence[StoredFact], folded: Folded) -> list[dict[str, Any]]:
    """Return the document's `contradictions`: two ends of one order, then conflicts in canonical order."""
    found = []
    if folded["shipped"] and all(end in folded["names"] for end in _ENDS):
        found.append(_contradiction("cancelled_and_completed", [f for f in facts if f[EVENT] in _ENDS]))
    found += [_contradiction("conflicting_payloads", rivals) for rivals in _conflicts(facts)]
    return found


def _conflicts(facts: Sequence[StoredFact]) -> list[list[StoredFact]]:
    """Group the facts whose key is in conflict; one alone conflicts with a fact of another order."""
    disputed = {(fact[EVENT], fact[KEY]) for fact in facts if fact[CONFLICT]}
    groups: dict[tuple[str, str], list[StoredFact]] = {}
    for fact in facts if disputed else ():
        if (fact[EVENT], fact[KEY]) in disputed:
            groups.setdefault((fact[EVENT], fact[KEY]), []).append(fact)
    return list(groups.values())


def _contradiction(kind: ContradictionKind, facts: Sequence[StoredFact]) -> dict[str, Any]:
    entries = zip(timeline(facts), facts, strict=True)
    return {"kind": kind, "facts": [{**entry, "payload_hash": fact[PAYLOAD_HASH]} for entry, fact in entries]}
