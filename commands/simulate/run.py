"""What NewStore makes of an answer (event-stream documentation), and what a whole run amounted to. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from commands.simulate.event import Delivery

REJECTED_LIST: Final = 30
"""So many rejected events NewStore keeps for re-sending; what overflows is lost."""


class Effect(Enum):
    """What an answer does to a delivery."""

    ACCEPTED = auto()
    REJECTED = auto()
    RETRIED = auto()
    THROTTLED = auto()
    INTERRUPTED = auto()


_EFFECTS: Final = {
    200: Effect.ACCEPTED,
    400: Effect.REJECTED,
    429: Effect.THROTTLED,
    500: Effect.RETRIED,
}


def effect_of(status: int | None) -> Effect:
    """The effect of a status code; None: no answer in time. Whatever is not documented interrupts the stream."""
    return _EFFECTS.get(status, Effect.INTERRUPTED) if status is not None else Effect.INTERRUPTED


@dataclass(slots=True)
class SendingResult:
    """Counts of one run, updated while it goes on.

    `answers` counts status codes, `none` standing for no answer in time. `interruptions` is how often NewStore
    would have stopped the stream until a person starts it again. `given_up` were retried in vain for too long.
    `expected` counts deliveries by what must become of them, `events` by the event's name.
    """

    deliveries: int = 0
    accepted: int = 0
    rejected: int = 0
    given_up: int = 0
    retries: int = 0
    interruptions: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    expected: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)

    def sent(self, delivery: Delivery) -> None:
        """Count a delivery before its first call."""
        self.deliveries += 1
        self.expected[delivery.kind.value] += 1
        if delivery.event is not None:
            self.events[delivery.event] += 1

    def answered(self, status: int | None) -> Effect:
        """Count one answer."""
        self.answers["none" if status is None else str(status)] += 1
        effect = effect_of(status)
        self.accepted += effect is Effect.ACCEPTED
        self.rejected += effect is Effect.REJECTED
        return effect

    @property
    def overflowed(self) -> int:
        """Rejected deliveries that NewStore would no longer have."""
        return max(0, self.rejected - REJECTED_LIST)

    @property
    def undelivered(self) -> int:
        """What the receiver has not accepted in the end."""
        return self.deliveries - self.accepted
