"""Notices that Kafka acknowledges nothing of what is tried, for readiness. Time is a parameter, in seconds."""

from typing import Final

STANDSTILL_S: Final = 20.0
"""Longer than a partition is without a leader when a broker ends."""
FORGOTTEN_S: Final = 30.0
"""An unready ingress gets no requests, so nothing is tried: it must be ready again to find out that Kafka is back."""
QUIET_S: Final = 60.0
"""Failures further apart say nothing about the time between them. Longer than `FORGOTTEN_S`, so that the first failure
after that still belongs to those before."""


class Unacknowledged:
    """What was tried since the last acknowledgement, or since a quiet time."""

    def __init__(self) -> None:
        self._failing: tuple[float, float] | None = None
        """First and last failure."""

    def failed(self, now: float) -> None:
        """A record was given up."""
        first, last = self._failing or (now, now)
        self._failing = (first if now - last <= QUIET_S else now, now)

    def acknowledged(self) -> None:
        """A record is durable."""
        self._failing = None

    def problem(self, now: float) -> str | None:
        """Why the ingress is not ready at `now`; None if it may be."""
        if self._failing is None:
            return None
        first, last = self._failing
        if now - first <= STANDSTILL_S or now - last > FORGOTTEN_S:
            return None
        return f"Kafka has acknowledged nothing for {now - first:.0f} s"
