"""What a simulation sends, and how much of it goes wrong."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from commands.simulate.shop import USUAL_LINES

_LONGEST_WINDOW: Final = timedelta(days=36_500)
"""With a longer one, dates could become invalid."""


@dataclass(frozen=True, slots=True)
class Mix:
    """`duplicates`, `conflicts` and `malformed` are shares of all deliveries, together less than 1. `orders` None:
    without end.

    `disorder`: the share of deliveries that come late, by up to `disorder_window` of simulated time; 0: publishing
    order. `replay`: events of the first, third, fifth... window of this length are delivered again, one window later.
    `lines`: each order has one of these numbers of lines, by chance.
    """

    orders: int | None
    duplicates: float = 0.0
    conflicts: float = 0.0
    malformed: float = 0.0
    disorder: float = 0.0
    disorder_window: timedelta = timedelta(minutes=15)
    replay: timedelta | None = None
    lines: tuple[int, ...] = USUAL_LINES

    def __post_init__(self) -> None:
        """ValueError: the shares leave nothing for the events themselves, or a window is empty or too long."""
        if self.duplicates + self.conflicts + self.malformed >= 1:
            raise ValueError("duplicates, conflicts and malformed bodies together must be less than all")
        if self.replay is not None and not self.replay:
            raise ValueError("a window of no length has nothing to replay")
        if max(self.disorder_window, self.replay or timedelta()) > _LONGEST_WINDOW:
            raise ValueError(f"no window may be longer than {_LONGEST_WINDOW.days:,} days")

    @property
    def per_event(self) -> float:
        """Deliveries per event, without replays."""
        return 1 / (1 - self.duplicates - self.conflicts - self.malformed)
