"""A page of gaps: one entry for each, and what all of them come to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from processors.orders.standing import INCOMPLETE, STALLED
from processors.worker.queries.shown import KINDS

GAP_LISTS: Final = (INCOMPLETE, STALLED)
"""What a caller may ask for alone, and what is counted."""


def gap_page(page: Mapping[str, Any], only: str, totals: Sequence[Mapping[str, int]]) -> dict[str, Any]:
    """Return the page `{"gaps": [{"order_id", "gaps"}], "next"}` with an entry for each gap of the list `only`, or of
    both; `totals` count the orders of each partition."""
    gaps = [
        {"order_id": order["order_id"], **gap}
        for order in page["gaps"]
        for gap in order["gaps"]
        if not only or KINDS[gap["kind"]] == only
    ]
    return {
        "gaps": gaps,
        "orders": {name: sum(each.get(name, 0) for each in totals) for name in GAP_LISTS},
        "window": window_of(gap["window"] for gap in gaps),
        "next": page["next"],
    }


def window_of(windows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the window that holds all of these, None where there are none; times are texts of one length."""
    every = list(windows)
    if not every:
        return None
    ends = [each["to"] for each in every]
    return {
        "from": min(each["from"] for each in every),
        "to": None if None in ends else max(ends),
        "guessed": any(each["guessed"] for each in every),
    }
