"""Pages of gaps joined to one list, and the window of a replay that would bring all of them."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.order_answers import Gap, GapOrders, Gaps


class ReplayWindow(NamedTuple):
    """When the missing events were published: from `start` to `end`, as RFC 3339; `guessed`: some may be older."""

    start: str
    end: str
    guessed: bool


class Listing(NamedTuple):
    """Gaps, oldest orders first. `as_of`: when they were reported; `is_all`: there are no others; `orders`: number of
    all orders with gaps."""

    gaps: Sequence[Gap]
    orders: GapOrders
    as_of: str
    is_all: bool

    @property
    def window(self) -> ReplayWindow | None:
        """The window of all gaps; None: there are none."""
        if not self.gaps:
            return None
        windows = [gap.window for gap in self.gaps]
        return ReplayWindow(
            min(window.from_ for window in windows),
            max(window.to or self.as_of for window in windows),
            any(window.guessed for window in windows),
        )


def joined(pages: Sequence[Gaps]) -> Listing:
    """Join consecutive pages, at least one."""
    gaps = [gap for page in pages for gap in page.gaps]
    last = pages[-1]
    return Listing(gaps, last.orders, last.as_of, last.next is None)
