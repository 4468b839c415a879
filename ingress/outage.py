"""One line for all deliveries that Kafka does not take, in place of one for each. Time is a parameter, in seconds."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final

from bridge.log import get_logger
from ingress.causes import Cause

TELL_EVERY_S: Final = 60.0
OVER_S: Final = 10.0
"""Without another refusal: of an outage of some partitions, others' deliveries say nothing."""

log = get_logger(__name__)


class Outage:
    """Told of each delivery. The log has a line when an outage begins, each minute while deliveries are refused, and
    when they are stored again."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._last = self._told = 0.0
        self._refused: Counter[Cause] = Counter()

    def refused(self, cause: Cause, reason: str, now: float) -> None:
        """One was answered 500; `now` is the clock's, since 1970."""
        if self._began is None:
            self._began = self._told = now
            log.warning("Kafka does not take deliveries: they are answered 500, and come again", reason=reason)
        self._refused[cause] += 1
        self._last = now
        if now - self._told >= TELL_EVERY_S:
            self._told = now
            said = f"Kafka away since {_instant(self._began)}, {self._sum()}"
            log.warning(said, **self._causes(), reason=reason)

    def stored(self, now: float) -> None:
        """One was answered 200."""
        if self._began is None or now - self._last < OVER_S:
            return
        said = f"Kafka takes deliveries again; since {_instant(self._began)} {self._sum()}"
        log.info(said, **self._causes())
        self._began = None
        self._refused.clear()

    def _sum(self) -> str:
        return f"{self._refused.total():,} deliveries answered 500"

    def _causes(self) -> dict[str, int]:
        return {str(cause): count for cause, count in self._refused.items()}


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
