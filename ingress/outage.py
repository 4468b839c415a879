"""One log line for all deliveries that Kafka does not take, in place of one for each. Time is a parameter, in seconds
of a clock that never goes back."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from bridge.log import get_logger
from ingress.causes import DeliveryCause

TELL_EVERY_S: Final = 60.0
OVER_S: Final = 10.0
"""An outage is over after this long without a refusal: if some partitions are out, others' deliveries say nothing."""

log = get_logger(__name__)


class Outage:
    """Is told of each delivery. The log has a line when an outage begins, each minute while deliveries are refused, and
    when they are stored again."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        """`clock`: the wall clock; default: this machine's."""
        self._clock = clock or (lambda: datetime.now(UTC))
        self._since: datetime | None = None
        self._last = self._told = 0.0
        self._refused: Counter[DeliveryCause] = Counter()

    def refused(self, cause: DeliveryCause, reason: str, now: float) -> None:
        """A delivery was answered 500."""
        if self._since is None:
            self._since, self._told = self._clock(), now
            log.warning("deliveries are not stored: they are answered 500, and come again", reason=reason)
        self._refused[cause] += 1
        self._last = now
        if now - self._told >= TELL_EVERY_S:
            self._told = now
            said = f"deliveries are not stored since {_instant(self._since)}: {self._sum()}"
            log.warning(said, **self._causes(), reason=reason)

    def stored(self, now: float) -> None:
        """A delivery was answered 200."""
        if self._since is None or now - self._last < OVER_S:
            return
        said = f"deliveries are stored again; since {_instant(self._since)} {self._sum()}"
        log.info(said, **self._causes())
        self._since = None
        self._refused.clear()

    def _sum(self) -> str:
        return f"{self._refused.total():,} answered 500"

    def _causes(self) -> dict[str, int]:
        return {str(cause): count for cause, count in self._refused.items()}


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
