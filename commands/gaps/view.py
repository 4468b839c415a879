"""Gaps as text and as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from commands.gaps.listing import Listing, ReplayWindow
from commands.terminal.columns import Column
from commands.terminal.lists import Listed, ListFormat, print_list
from commands.terminal.output import InertConsole
from schemas.order_answers import Gap

_COLUMNS: Final = (
    *(Column("age", right=True), Column("order"), Column("waits for", least=16, end=True), Column("kind", rank=1)),
    *(Column("since", rank=4), Column("published from", rank=2), Column("to", rank=3)),
)


def document(listing: Listing) -> dict[str, Any]:
    """The list as `-o json` prints it."""
    window = listing.window
    return {
        "as_of": listing.as_of,
        "gaps": [gap.model_dump(by_alias=True) for gap in listing.gaps],
        "orders": listing.orders.model_dump(),
        "window": None if window is None else {"from": window.start, "to": window.end, "guessed": window.guessed},
        "is_all": listing.is_all,
    }


def show(messages: InertConsole, listing: Listing, output: ListFormat) -> None:
    """Print the list and a summary."""
    rows = [_row(gap, listing.as_of) for gap in listing.gaps]
    records = [gap.model_dump(by_alias=True) for gap in listing.gaps]
    print_list(Listed(_COLUMNS, rows, records, [*dict.fromkeys(gap.order_id for gap in listing.gaps)]), output)
    if output in {ListFormat.TABLE, ListFormat.WIDE} or not listing.is_all:
        for line in summary(listing):
            messages.print(line)


def summary(listing: Listing) -> Sequence[str]:
    """The summary, one sentence a line."""
    orders = listing.orders
    every = f"{orders.incomplete:,} orders are incomplete, {orders.stalled:,} stalled."
    window = listing.window
    if window is None:
        return (f"No gaps. {every}",)
    waiting = len({gap.order_id for gap in listing.gaps})
    rest = "" if listing.is_all else ", the oldest: there are more"
    return (f"{len(listing.gaps):,} gaps of {waiting:,} orders{rest}. {every}", _replay(window))


def show_plan(messages: InertConsole, order_id: str, names: Sequence[str]) -> None:
    """Print which gaps would be set aside."""
    messages.print(f"To be set aside of order {order_id}:")
    for name in names:
        messages.print(f"  {name}")


def _replay(window: ReplayWindow) -> str:
    doubt = "; some may be older, for nothing says when their order began" if window.guessed else ""
    return f"What these wait for was published from {_minute(window.start)} to {_minute(window.end)} UTC{doubt}."


def _row(gap: Gap, as_of: str) -> Sequence[str]:
    start = f"{_minute(gap.window.from_)}{' ?' if gap.window.guessed else ''}"
    end = "now" if gap.window.to is None else _minute(gap.window.to)
    exchanged = f" (exchanged: {', '.join(gap.settled_by_exchange)})" if gap.settled_by_exchange else ""
    return age(gap.since, as_of), gap.order_id, f"{gap.name}{exchanged}", gap.kind, _minute(gap.since), start, end


def age(since: str, as_of: str) -> str:
    """How long ago that was, in the two largest units."""
    minutes = max(0, int((datetime.fromisoformat(as_of) - datetime.fromisoformat(since)).total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _minute(instant: str) -> str:
    return f"{instant[:10]} {instant[11:16]}"
