"""What to send, and how much of it goes wrong on the way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from commands.simulate.shop import USUAL_LINES

_LONGEST_WINDOW: Final = timedelta(days=36_500)
"""What comes so late still has a time, wherever the simulation begins."""


@dataclass(frozen=True, slots=True)
class Mix:
    """The shares of duplicates, conflicts and malformed bodies are shares of all deliveries, together less than 1.

    `orders` None: without end. `disorder` is the share of deliveries that come late, by up to `disorder_window` of
    simulated time; 0 sends everything in the order in which it was published. `replay`: what is published in the first,
    third, fifth... window of this length is delivered a second time, one window later. `lines`: how many an order
    has, one of these by chance.
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
        """ValueError: the shares leave nothing for the events themselves, or a window is none."""
        if self.duplicates + self.conflicts + self.malformed >= 1:
            raise ValueError("duplicates, conflicts and malformed bodies together must be less than all")
        if self.replay is not None and not self.replay:
            raise ValueError("a window of no length has nothing to replay")
        if max(self.disorder_window, self.replay or timedelta()) > _LONGEST_WINDOW:
            raise ValueError(f"no window may be longer than {_LONGEST_WINDOW.days:,} days")

    @property
    def per_event(self) -> float:
        """Deliveries of whatever kind for each event, replays aside."""
        return 1 / (1 - self.duplicates - self.conflicts - self.malformed)
