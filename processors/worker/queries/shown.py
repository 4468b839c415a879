"""Entries of lists as answers show them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from msgspec import to_builtins

from processors.orders.blind import BLIND
from processors.orders.events import REFUNDED
from processors.orders.gaps import Gap, Kind, gaps_of
from processors.orders.index import id_in
from processors.orders.older_rows import load
from processors.orders.order_rules import OrderRules
from processors.orders.render.document import document
from processors.orders.row import Row
from processors.orders.standing import CANCELLED, INCOMPLETE, LISTS, STALLED
from processors.orders.table import ORDER, read_totals
from processors.worker.queries.listed_money import listed_money, refunded_amounts
from processors.worker.queries.listings import Found
from processors.worker.queries.questions import BLIND_RETURNS, EXCHANGES, GAPS, ORDERS, TOTALS
from schemas.instant import rfc3339_millis

_OF_ORDER: Final = (
    "status",
    "fulfillment_status",
    "payment_status",
    "return_status",
    "provisional",
    "incomplete",
    "stalled",
    "first_received_at",
    "last_received_at",
)
_OF_DETAILS: Final = ("external_id", "placed_at", "currency", "grand_total", "current_total")

Show = Callable[[Found, bytes, OrderRules], dict[str, Any]]


def order_line(found: Found, row: bytes, rules: OrderRules) -> dict[str, Any]:
    """Return an order as lists show it."""
    state = document(load(row), rules)
    return {
        "order_id": state.order_id,
        "since": _since(found),
        **{name: getattr(state, name) for name in _OF_ORDER},
        "attention": to_builtins(state.attention),
        **{name: getattr(state.order, name, None) for name in _OF_DETAILS},  # `{}` until its list is known
        **listed_money(state, rules),
    }


def blind_line(found: Found, row: bytes, rules: OrderRules) -> dict[str, Any]:
    """Return a return or a refund that belongs to no order. A return has null as `order_id`."""
    if found.key.startswith(BLIND):
        return {"kind": "return", "since": _since(found), "order_id": None, **orjson.loads(row)}
    state = document(load(row), rules)
    return {
        "kind": "refund",
        "since": _since(found),
        "order_id": state.order_id,
        "refunded": refunded_amounts(state),
        "refund_requests": to_builtins(state.refund_requests),
        "first_received_at": state.first_received_at,
        "last_received_at": state.last_received_at,
    }


def exchange_line(found: Found, row: bytes, _rules: OrderRules) -> dict[str, Any]:
    """Return which order is in exchange for which return, and whether the order was cancelled: then it settles nothing.
    The place is a key of the exchange index, which ends in the order's id."""
    order_id, summary = found.key.removeprefix(ORDER), load(row).summary
    return {
        "order_id": order_id.decode(),
        "return_id": id_in(found.place.removesuffix(order_id)),
        "is_cancelled": summary is not None and summary.status == CANCELLED,
    }


def gap_lines(found: Found, row: bytes, rules: OrderRules) -> dict[str, Any]:
    """Return an order's gaps of the kind that this place lists. An order may stand in both lists, at a place in
    each."""
    order = load(row)
    standing = order.summary.standing if order.summary else {}
    kinds = {kind for kind, name in KINDS.items() if standing.get(LISTS.index(name)) == found.since}
    return {
        "order_id": order.order_id,
        "gaps": [
            {**gap_line(gap), "return_id": _unpaid_return(gap, order)}
            for gap in gaps_of(order, rules)
            if gap.kind in kinds
        ],
    }


def _unpaid_return(gap: Gap, order: Row) -> str | None:
    """The return that waits for its refund; None for other gaps, as a refund request's, which names the same event."""
    event, _, of = gap.name.partition(":")
    return of if event == REFUNDED and of in order.slots.returns else None


def gap_line(gap: Gap) -> dict[str, Any]:
    """Return a gap as answers show it."""
    window = window_line(gap.from_ms, gap.to_ms, guessed=gap.guessed)
    return {"name": gap.name, "kind": gap.kind, "since": rfc3339_millis(gap.since_ms), "window": window}


def window_line(from_ms: int, to_ms: int | None, *, guessed: bool) -> dict[str, Any]:
    """Return the window of a replay as answers show it."""
    end = None if to_ms is None else rfc3339_millis(to_ms)
    return {"from": rfc3339_millis(from_ms), "to": end, "guessed": guessed}


def totals_line(_found: Found, row: bytes, _rules: OrderRules) -> dict[str, Any]:
    """Return a partition's numbers of orders, by the name of each total."""
    return dict(read_totals(row))


KINDS: Final[Mapping[Kind, str]] = {"missing": INCOMPLETE, "stalled": STALLED}
"""Kinds of gaps, each with the list in which its orders stand."""

SHOW: Final[Mapping[str, Show]] = {
    ORDERS: order_line,
    BLIND_RETURNS: blind_line,
    EXCHANGES: exchange_line,
    GAPS: gap_lines,
    TOTALS: totals_line,
}


def _since(found: Found) -> str | None:
    return None if found.since is None else rfc3339_millis(found.since)
