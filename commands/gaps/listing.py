"""Pages of gaps as one list, and the window of a replay that would bring all of it."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.order_answers import Gap, GapOrders, Gaps


class ReplayWindow(NamedTuple):
    """When what is missing was published: from `start` to `end`, as RFC 3339; `guessed`: it may be older."""

    start: str
    end: str
    guessed: bool


class Listing(NamedTuple):
    """Gaps, oldest orders first; `as_of` is when they were told, `is_all`: there are no others. `orders` counts all
    orders that have some."""

    gaps: Sequence[Gap]
    orders: GapOrders
    as_of: str
    is_all: bool

    @property
    def window(self) -> ReplayWindow | None:
        """Of all gaps of the list; None: there is none."""
        if not self.gaps:
            return None
        windows = [gap.window for gap in self.gaps]
        return ReplayWindow(
            min(window.from_ for window in windows),
            max(window.to or self.as_of for window in windows),
            any(window.guessed for window in windows),
        )


def joined(pages: Sequence[Gaps]) -> Listing:
    """Return what these pages, one after the other, amount to; there is at least one."""
    gaps = [gap for page in pages for gap in page.gaps]
    last = pages[-1]
    return Listing(gaps, last.orders, last.as_of, last.next is None)
