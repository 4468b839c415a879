"""How NewStore reacts to answers (according to its event-stream documentation), and the counts of a run. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from commands.simulate.event import Delivery

REJECTED_LIST: Final = 30
"""How many rejected events NewStore keeps for re-sending; others are lost."""


class Effect(Enum):
    """What an answer means for a delivery."""

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
    """The effect of a status code; None: no answer in time. Undocumented codes interrupt the stream."""
    return _EFFECTS.get(status, Effect.INTERRUPTED) if status is not None else Effect.INTERRUPTED


@dataclass(slots=True)
class SendingResult:
    """Counts of a run, updated as it goes on.

    `answers`: by status code, `none` for no answer in time. `interruptions`: how often NewStore would have stopped the
    stream until a person starts it again. `given_up`: retried in vain for too long. `expected`: deliveries by expected
    outcome; `events`: by event name.
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
        """Rejected deliveries that NewStore would have lost."""
        return max(0, self.rejected - REJECTED_LIST)

    @property
    def undelivered(self) -> int:
        """Deliveries that the receiver never accepted."""
        return self.deliveries - self.accepted
