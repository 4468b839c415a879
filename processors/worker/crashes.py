"""When to stop building a new processor after crashes. Pure: callers give the time."""

from collections import deque
from typing import Final

from aiokafka.errors import KafkaError

MOST: Final = 5
WITHIN_S: Final = 300.0
"""Each new processor makes the whole group rebalance, and may be a member for a moment, so it seems to work. Five
crashes are no accident. Whatever restarts the process shows that, such as Kubernetes with ever longer pauses."""


class Crashes:
    """Remembers when the processor crashed. A crash that Kafka or the way to it may have caused does not count: no
    outage, however long and whatever it breaks, must end a worker."""

    def __init__(self) -> None:
        self._times = deque[float](maxlen=MOST)

    def reset(self) -> None:
        """Forget the crashes: a part of Kafka is out of reach, which may have caused them."""
        self._times.clear()

    def are_too_many(self, now: float, reason: BaseException | None) -> bool:
        """Whether it has crashed `MOST` times within `WITHIN_S`, including the crash at ``now`` (seconds)."""
        if not _is_kafkas(reason):
            self._times.append(now)
        return len(self._times) == MOST and now - self._times[0] <= WITHIN_S


def first_of(error: BaseException | None) -> BaseException | None:
    """The first error of a group, as the group itself says nothing; any other error as it is."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _is_kafkas(error: BaseException | None) -> bool:
    """Whether an outage of Kafka may have caused the error. An outage causes no OSError about a file."""
    while error is not None:
        if isinstance(error, OSError):
            return error.filename is None
        if isinstance(error, KafkaError | EOFError):
            return True
        error = error.__cause__
    return False
