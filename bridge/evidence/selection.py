"""Which kept records somebody means. Pure."""

from dataclasses import dataclass

from bridge.evidence.kept import Kept
from bridge.ledger.record import Source
from schemas.headers import ERROR_REASON, ERROR_STAGE


@dataclass(frozen=True, slots=True)
class Selection:
    """All conditions must hold; None and no places: whatever it is. `since_ms`: received then or later."""

    places: frozenset[Source] = frozenset()
    reason: str | None = None
    stage: str | None = None
    event: str | None = None
    since_ms: int | None = None

    def takes(self, kept: Kept) -> bool:
        """Whether a record is meant."""
        return (
            (not self.places or kept.place in self.places)
            and (self.reason is None or kept.text(ERROR_REASON) == self.reason)
            and (self.stage is None or kept.text(ERROR_STAGE) == self.stage)
            and (self.since_ms is None or kept.timestamp >= self.since_ms)
            and (self.event is None or kept.event() == self.event)
        )
