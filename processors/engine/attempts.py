"""Counts a lane's attempts to open: what the log says of each failure, and how long to wait."""

import logging

from aiokafka.errors import ProducerFenced
from faust.types import TP

from processors.engine.chunk import named
from processors.engine.errors import LaneHaltedError
from processors.engine.options import EngineOptions

log = logging.getLogger(__name__)

_LONGEST_DELAY_S = 5.0
_HALTED_DELAY_S = 10.0  # an operator may have mended what halted it


class Attempts:
    """The attempts to open one lane, which has failed ``failures`` times before."""

    def __init__(self, tp: TP, failures: int, options: EngineOptions) -> None:
        self._tp, self._count, self._options = tp, failures, options
        self._halted: str | None = None

    def failed(self, error: BaseException) -> float:
        """Log why an attempt failed; return the seconds until the next one. A halt is logged again only if its reason
        is new or another error came in between."""
        self._count += 1
        if isinstance(error, LaneHaltedError):
            if str(error) != self._halted:
                log.critical("lane %s is halted: %s", named(self._tp), error)
            self._halted = str(error)
            return _HALTED_DELAY_S
        self._halted = None
        why = self._options.in_words(error)
        log.warning("lane %s: not running, attempt %s to open it: %s", named(self._tp), self._count, why)
        if isinstance(error, ProducerFenced):
            # Somebody else may own the partition by now; give the group time to say so.
            return 2 * self._options.heartbeat_interval
        return min(0.2 * self._count, _LONGEST_DELAY_S)
