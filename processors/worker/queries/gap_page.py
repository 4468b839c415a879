"""A page of gaps: an entry for each gap, and the numbers and the replay window of all."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from processors.orders.standing import INCOMPLETE, STALLED
from processors.worker.queries.shown import KINDS

GAP_LISTS: Final = (INCOMPLETE, STALLED)
"""The lists that a caller may ask for alone, and whose orders are counted."""


def gaps_in(page: Mapping[str, Any], only: str) -> list[dict[str, Any]]:
    """Return an entry for each gap of a page `{"gaps": [{"order_id", "gaps"}]}`; `only`: of this list alone. Its
    `return_id` is that of the return that waits for its refund, None for other gaps."""
    return [
        {"order_id": order["order_id"], **gap}
        for order in page["gaps"]
        for gap in order["gaps"]
        if not only or KINDS[gap["kind"]] == only
    ]


def gap_page(
    page: Mapping[str, Any],
    gaps: Sequence[Mapping[str, Any]],
    totals: Sequence[Mapping[str, int]],
    exchanges: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Return the page with these gaps in place of its own. `totals` count the orders of each partition. `exchanges` are
    the orders in exchange for a return, by return, where they are known."""
    return {
        "gaps": [_with_exchanges(dict(gap), exchanges) for gap in gaps],
        "orders": {name: sum(each.get(name, 0) for each in totals) for name in GAP_LISTS},
        "window": window_of(gap["window"] for gap in gaps),
        "next": page["next"],
    }


def _with_exchanges(gap: dict[str, Any], exchanges: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return_id = gap.pop("return_id", None)  # a worker of the previous version sends none
    return {**gap, "settled_by_exchange": None if return_id is None else exchanges.get(return_id)}


def window_of(windows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the window that holds all of these, None without any. Times are compared as texts: they are of one
    length."""
    every = list(windows)
    if not every:
        return None
    ends = [each["to"] for each in every]
    return {
        "from": min(each["from"] for each in every),
        "to": None if None in ends else max(ends),
        "guessed": any(each["guessed"] for each in every),
    }
