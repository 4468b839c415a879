"""How much may wait for Kafka at one time, so that neither a slow Kafka nor large bodies fill the memory."""

from types import TracebackType
from typing import Final, Self

from bridge.log import get_logger
from bridge.settings import Settings
from bridge.settings.types import format_size
from ingress.answers import TooMuchInFlight
from ingress.causes import DeliveryCause

COPIES: Final = 4
"""Each byte of a request counts this many times: as received, read, in a batch, and compressed on its way to Kafka."""
LARGE_BYTES: Final = 1 << 20
LARGE_SHARE: Final = (3, 4)
"""A body above `LARGE_BYTES` is refused if all bytes in flight, with its own, exceed this share of the limit, unless it
is alone: the rest is for ordinary ones."""

log = get_logger(__name__)


def least_in_flight_bytes(largest_body: int) -> int:
    """The smallest limit with which a body of this size is taken while an ordinary one is in flight."""
    both = (largest_body + min(largest_body, LARGE_BYTES)) * COPIES
    return -(-both * LARGE_SHARE[1] // LARGE_SHARE[0]) if largest_body > LARGE_BYTES else both


def warn_of_large_bodies(settings: Settings) -> None:
    """Warn if the largest body is taken only while nothing else is in flight, which may be never."""
    least = least_in_flight_bytes(settings.ingress_max_body_bytes)
    if settings.ingress_max_in_flight_bytes < least:
        log.warning(
            "bodies of the largest size are answered 429 while anything else is in flight: raise "
            "BRIDGE_INGRESS_MAX_IN_FLIGHT_BYTES, or lower BRIDGE_INGRESS_MAX_BODY_BYTES",
            largest=format_size(settings.ingress_max_body_bytes),
            least=format_size(least),
        )


class InFlight:
    """Counts requests that wait for Kafka, and the bytes of headers and bodies from their arrival on.

    Bytes count as they arrive, not as declared: a slow upload holds only what it has sent. One request alone may exceed
    the limit, else it would be refused for ever.
    """

    def __init__(self, max_requests: int, max_bytes: int) -> None:
        self._max_requests = max_requests
        self._max_bytes = max_bytes
        self._max_large_bytes = max_bytes * LARGE_SHARE[0] // LARGE_SHARE[1]
        self.requests = 0
        self.bytes = 0

    def admit(self, declared_bytes: int) -> None:
        """TooMuchInFlight: a body of this size cannot be taken now. Asked before it is read."""
        if self.requests >= self._max_requests:
            raise TooMuchInFlight
        self._find_room(self.bytes, declared_bytes * COPIES)

    def hold(self) -> "Held":
        """The share of one request; it is given back when the `with` block ends."""
        return Held(self)

    def add(self, held: int, count: int) -> None:
        """Count `count` more for a request that has `held`. TooMuchInFlight: no room, but it counts all the same."""
        self.bytes += count
        self._find_room(self.bytes - held - count, held + count)

    def enter(self) -> None:
        """Count a request that now waits for Kafka. TooMuchInFlight: it does not fit, and is not counted."""
        if self.requests >= self._max_requests:
            raise TooMuchInFlight
        self.requests += 1

    def _find_room(self, others: int, own: int) -> None:
        total = others + own
        if total > self._max_large_bytes and others and (total > self._max_bytes or own > LARGE_BYTES * COPIES):
            raise TooMuchInFlight(DeliveryCause.BYTES_IN_FLIGHT)


class Held:
    """One request's share of InFlight."""

    __slots__ = ("_bytes", "_in_flight", "_waiting")

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._bytes = 0
        self._waiting = 0

    def add(self, count: int) -> None:
        """Count bytes of this request's headers or body."""
        held, weight = self._bytes, count * COPIES
        self._bytes += weight
        self._in_flight.add(held, weight)

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
