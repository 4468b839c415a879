"""The order's document: everything `schemas.order_state` describes, built as plain JSON for speed."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from processors.orders.canonical import CONFLICT, EVENT, KEY, PAYLOAD_HASH, RECEIVED_AT, StoredFact
from processors.orders.extract import Data
from processors.orders.folded import Folded
from processors.orders.items import item_status, ordered_ids
from processors.orders.returns import return_status, returned_pieces
from processors.orders.status import FoldRules, missing, order_status
from processors.orders.unprocessed import RECEIVED, StoredEntry, listed
from schemas.instant import is_time
from schemas.order_state import ContradictionKind, Item, Return, ReturnedItem

_ITEM: Final = dict.fromkeys(Item.model_fields)
_RETURN: Final = dict.fromkeys(Return.model_fields)
_RETURNED_ITEM: Final = dict.fromkeys(ReturnedItem.model_fields)

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


def timeline(facts: Iterable[StoredFact]) -> list[dict[str, Any]]:
    """Return the document's `timeline`, one entry a fact; a `published_at` that was no time is null."""
    return [
        {
            "event": event,
            "key": key,
            "published_at": instant if is_time(instant) else None,
            "received_at": received_at,
            "source": source,
        }
        for event, key, instant, _, received_at, source, _ in facts
    ]


def document(
    order_id: str,
    tenant: str,
    facts: Sequence[StoredFact],
    folded: Folded,
    unprocessed: Sequence[StoredEntry],
    rules: FoldRules,
) -> dict[str, Any]:
    """Return the document of an order from its facts, in canonical order, what they amount to, and what is no fact."""
    status, absent = order_status(folded), missing(folded, rules)
    returned = returned_pieces(folded["returns"])
    items = _items(folded, returned, order_cancelled=status == "cancelled")
    received = [fact[RECEIVED_AT] for fact in facts] + [entry[RECEIVED] for entry in unprocessed]
    return {
        "order_id": order_id,
        "tenant": tenant,
        "status": status,
        "fulfillment_status": "unfulfilled",
        "payment_status": "none",
        "return_status": return_status(items, returned) if folded["returns"] else "none",
        "provisional": bool(absent),
        "missing": absent,
        "incomplete": False,
        "partial_history": False,
        "contradictions": contradictions(facts, folded),
        "unprocessed": listed(unprocessed),
        "version": len(facts),
        "order": {},
        "items": items,
        "fulfillment_requests": {},
        "payments": {},
        "returns": {return_id: _return(data) for return_id, data in folded["returns"].items()},
        "refund_requests": {},
        "invoices": {},
        "timeline": timeline(facts),
        "first_received_at": min(received),
        "last_received_at": max(received),
    }


def _items(folded: Folded, returned: dict[str, int], *, order_cancelled: bool) -> dict[str, Data]:
    ordered = ordered_ids(folded["items"])
    return {
        item_id: {
            **_ITEM,
            **item["fields"],
            "status": item_status(item, returned.get(item_id, 0), order_cancelled=order_cancelled),
            "ordered": item_id in ordered,
            "returned_quantity": returned.get(item_id, 0),
        }
        for item_id, item in folded["items"].items()
    }


def _return(data: Data) -> Data:
    kept = {**_RETURN, **data, "items": [{**_RETURNED_ITEM, **line} for line in data.get("items", ())]}
    kept.pop("id", None)
    return kept
