"""When to stop building a processor that crashes anew. Pure: time comes in."""

from collections import deque
from typing import Final

from aiokafka.errors import KafkaError

MOST: Final = 5
WITHIN_S: Final = 300.0
"""Each new processor makes the whole group rebalance, and may be a member for a moment: to the eye it is at work. Five
times is no chance any more, and whoever starts the process anew, Kubernetes with ever longer pauses, shows that."""


class Crashes:
    """Remembers when the processor has crashed. None counts for which Kafka or the way to it may be to blame: no
    outage, however long and whatever it breaks, must end a worker."""

    def __init__(self) -> None:
        self._times = deque[float](maxlen=MOST)

    def reset(self) -> None:
        """A part of Kafka is out of reach, which may be why it has crashed before."""
        self._times.clear()

    def are_too_many(self, now: float, reason: BaseException | None) -> bool:
        """Whether it has crashed `MOST` times within `WITHIN_S`, with the crash of ``now`` (seconds)."""
        if not _is_kafkas(reason):
            self._times.append(now)
        return len(self._times) == MOST and now - self._times[0] <= WITHIN_S


def first_of(error: BaseException | None) -> BaseException | None:
    """The first error of a group, which says nothing by itself; any other one as it is."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _is_kafkas(error: BaseException | None) -> bool:
    """Whether an outage may have caused it. Of what the system says about a file it has none."""
    while error is not None:
        if isinstance(error, OSError):
            return error.filename is None
        if isinstance(error, KafkaError | EOFError):
            return True
        error = error.__cause__
    return False
