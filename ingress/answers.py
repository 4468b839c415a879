"""Which HTTP answer each situation gets: the contract's status table as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ingress.causes import DeliveryCause

SOON: Final = {"Retry-After": "1"}
"""The sender's own rhythm decides (NewStore: about a minute); this only says that trying again is right."""


class Unauthorized(Exception):  # noqa: N818 - these exceptions are named after the situation
    """No bearer key, or a wrong one."""


class Misdirected(Exception):  # noqa: N818 - as above
    """A request for another path or method than a delivery's. Without a right key (no delivery) `cause` is None."""

    def __init__(self, cause: DeliveryCause | None = None) -> None:
        super().__init__()
        self.cause = cause


class NotFound(Misdirected):
    """No such path."""


class MethodNotAllowed(Misdirected):
    """The path exists, this method of it does not."""


class TooMuchInFlight(Exception):  # noqa: N818 - as above
    """More requests or bytes are waiting for Kafka than the settings allow."""

    def __init__(self, cause: DeliveryCause = DeliveryCause.REQUESTS_IN_FLIGHT) -> None:
        super().__init__()
        self.cause = cause


class Draining(Exception):  # noqa: N818 - as above
    """The process is about to end."""


class Unavailable(Exception):  # noqa: N818 - as above
    """The record is not known to be durable: Kafka unreachable, slow, or refusing for a reason of its own."""

    def __init__(self, reason: str, cause: DeliveryCause = DeliveryCause.KAFKA_ERROR) -> None:
        super().__init__(reason)
        self.cause = cause


class BodyNotReceived(Exception):  # noqa: N818 - as above
    """The sender stopped, broke off, or took too long."""


class BodyTooLarge(Exception):  # noqa: N818 - as above
    """The body is over the limit. `prefix` is what was read of it, never more than the limit."""

    def __init__(self, prefix: bytes, read: int) -> None:
        super().__init__(f"more than {len(prefix)} bytes")
        self.prefix = prefix
        self.read = read


class RecordRefused(Exception):  # noqa: N818 - as above
    """Kafka will never take this very record. `kafka_error` is Kafka's name for the reason."""

    def __init__(self, kafka_error: str) -> None:
        super().__init__(kafka_error)
        self.kafka_error = kafka_error


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status, a title for people, headers; `close` ends the connection with it. `causes`: what
    deliveries with this answer may be counted under."""

    status: int
    title: str
    causes: tuple[DeliveryCause, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    close: bool = False


UNEXPECTED: Final = Answer(500, "Unexpected error", (DeliveryCause.UNEXPECTED,), SOON)

_NOT_STORED: Final = (
    DeliveryCause.KAFKA_ERROR,
    DeliveryCause.NO_CONNECTION,
    DeliveryCause.NOT_ACKNOWLEDGED,
    DeliveryCause.STANDING_STILL,
    DeliveryCause.RULES_UNREAD,
    DeliveryCause.RULES,
    DeliveryCause.PARSER,
)

ANSWERS: Final[Mapping[type[Exception], Answer]] = MappingProxyType(
    {
        Unauthorized: Answer(401, "Missing or wrong bearer key", (DeliveryCause.KEY,), {"WWW-Authenticate": "Bearer"}),
        NotFound: Answer(404, "No such path", (DeliveryCause.PATH,)),
        MethodNotAllowed: Answer(405, "Method not allowed", (DeliveryCause.METHOD,)),
        TooMuchInFlight: Answer(
            429, "Too much in flight", (DeliveryCause.REQUESTS_IN_FLIGHT, DeliveryCause.BYTES_IN_FLIGHT), SOON
        ),
        Draining: Answer(500, "Shutting down", (DeliveryCause.DRAINING,), SOON),
        Unavailable: Answer(500, "Not stored", _NOT_STORED, SOON),
        BodyNotReceived: Answer(500, "Body not received", (DeliveryCause.BODY_NOT_RECEIVED,), SOON, close=True),
        BodyTooLarge: Answer(400, "Body too large", (DeliveryCause.TOO_LARGE,), close=True),
        RecordRefused: Answer(400, "Refused by Kafka", (DeliveryCause.RECORD_REFUSED,)),
    }
)


def answer_to(error: Exception) -> Answer:
    """The answer to an exception: 500 for whatever the table does not name, because 500 is retried."""
    return ANSWERS.get(type(error), UNEXPECTED)


def cause_of(error: Exception) -> DeliveryCause | None:
    """What a delivery with this error is counted under; None: it is none, but a request for something else."""
    if isinstance(error, TooMuchInFlight | Unavailable | Misdirected):
        return error.cause
    return next(iter(answer_to(error).causes), None)
