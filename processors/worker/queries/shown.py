"""What lists show of what they found."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from processors.orders.blind import BLIND
from processors.orders.index import id_in
from processors.orders.older_rows import load
from processors.orders.render.document import plain_document
from processors.orders.summary import FoldRules
from processors.orders.table import ORDER
from processors.worker.queries.listings import Found
from processors.worker.queries.questions import BLIND_RETURNS, EXCHANGES, ORDERS
from schemas.instant import rfc3339_millis

_OF_ORDER: Final = (
    "status",
    "fulfillment_status",
    "payment_status",
    "return_status",
    "provisional",
    "incomplete",
    "stalled",
    "attention",
    "first_received_at",
    "last_received_at",
)
_OF_DETAILS: Final = ("external_id", "placed_at", "currency", "grand_total")

Show = Callable[[Found, bytes, FoldRules], dict[str, Any]]


def order_line(found: Found, row: bytes, rules: FoldRules) -> dict[str, Any]:
    """Return an order as lists show it."""
    state = plain_document(load(row), rules)
    details = state["order"]
    return {
        "order_id": state["order_id"],
        "since": _since(found),
        **{name: state[name] for name in _OF_ORDER},
        **{name: details.get(name) for name in _OF_DETAILS},
    }


def blind_line(found: Found, row: bytes, rules: FoldRules) -> dict[str, Any]:
    """Return a return of no order, or a refund of none, with what only the other one has as null."""
    if found.key.startswith(BLIND):
        return {"kind": "return", "since": _since(found), "order_id": None, **orjson.loads(row)}
    state = plain_document(load(row), rules)
    return {
        "kind": "refund",
        "since": _since(found),
        "order_id": state["order_id"],
        "refunded": {currency: sums["refunded"] for currency, sums in state["payment_sums"].items()},
        "refund_requests": state["refund_requests"],
        "first_received_at": state["first_received_at"],
        "last_received_at": state["last_received_at"],
    }


def exchange_line(found: Found, _row: bytes, _rules: FoldRules) -> dict[str, Any]:
    """Return which order is in exchange for which return: its place is a key of that index, and ends in the order."""
    order_id = found.key.removeprefix(ORDER)
    return {"order_id": order_id.decode(), "return_id": id_in(found.place.removesuffix(order_id))}


SHOW: Final[Mapping[str, Show]] = {ORDERS: order_line, BLIND_RETURNS: blind_line, EXCHANGES: exchange_line}


def _since(found: Found) -> str | None:
    return None if found.since is None else rfc3339_millis(found.since)
