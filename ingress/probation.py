"""Letting one record a second through to a Kafka that stopped acknowledging, until one is acknowledged."""

from typing import Final

PROBE_INTERVAL_S: Final = 1.0


class Probation:
    """Decides which records may pass. Time is a parameter, in seconds."""

    def __init__(self) -> None:
        self._next_probe: float | None = None

    def begin(self, now: float) -> None:
        """Kafka stopped acknowledging: only probes pass from now on."""
        self._next_probe = now

    def end(self) -> None:
        """A record was acknowledged, or the bridge itself objects to all: everything passes."""
        self._next_probe = None

    @property
    def active(self) -> bool:
        """Whether only probes pass."""
        return self._next_probe is not None

    def admits(self, now: float) -> bool:
        """Whether a record may pass now; each yes is the only one for a second."""
        if self._next_probe is None:
            return True
        if now < self._next_probe:
            return False
        self._next_probe = now + PROBE_INTERVAL_S
        return True
