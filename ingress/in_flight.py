"""How much may wait for Kafka at one time, so that a slow Kafka cannot fill the memory."""

from types import TracebackType
from typing import Self

from ingress.answers import TooMuchInFlight


class InFlight:
    """Counts requests that wait for Kafka, and the bytes of bodies from their arrival on.

    Bytes count as they arrive, not as declared: a slow upload holds only what it has sent.
    """

    def __init__(self, max_requests: int, max_bytes: int) -> None:
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self.requests = 0
        self.bytes = 0

    def admit(self, declared_bytes: int) -> None:
        """TooMuchInFlight: a body of this size cannot be taken now; known before it is read."""
        if self.requests >= self._max_requests or self.bytes + declared_bytes > self._max_bytes:
            raise TooMuchInFlight

    def hold(self) -> "Held":
        """The share of one request; it is given back when the `with` block ends."""
        return Held(self)

    def add(self, count: int) -> None:
        """Count bytes that arrived; TooMuchInFlight if they do not fit (they are counted all the same)."""
        self.bytes += count
        if self.bytes > self._max_bytes:
            raise TooMuchInFlight

    def enter(self) -> None:
        """Count a request that now waits for Kafka; TooMuchInFlight, and not counted, if it does not fit."""
        if self.requests >= self._max_requests:
            raise TooMuchInFlight
        self.requests += 1


class Held:
    """One request's share of InFlight."""

    __slots__ = ("_bytes", "_in_flight", "_waiting")

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._bytes = 0
        self._waiting = 0

    def add(self, count: int) -> None:
        """Count bytes of this request's body."""
        self._bytes += count
        self._in_flight.add(count)

    def wait(self) -> None:
        """The body is complete: from now on this request waits for Kafka."""
        self._in_flight.enter()
        self._waiting = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._in_flight.bytes -= self._bytes
        self._in_flight.requests -= self._waiting
