"""Why a delivery was not taken: the label `cause` of `bridge_ingress_refused_total`."""

from enum import StrEnum


class DeliveryCause(StrEnum):
    """Each is explained in docs/ingress.md."""

    KEY = "key"
    """401: no bearer key, or a wrong one."""
    PATH = "path"
    METHOD = "method"
    """404 and 405, with a right key. Without one a request is no delivery, and no refusal is counted."""
    TOO_LARGE = "too_large"
    RECORD_REFUSED = "record_refused"
    """Both 400: NewStore gives the event up."""
    REQUESTS_IN_FLIGHT = "requests_in_flight"
    BYTES_IN_FLIGHT = "bytes_in_flight"
    """Both 429."""
    NO_CONNECTION = "no_connection"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    STANDING_STILL = "standing_still"
    KAFKA_ERROR = "kafka_error"
    RULES_UNREAD = "rules_unread"
    RULES = "rules"
    """All 500: nothing is known to be durable."""
    PARSER = "parser"
    BODY_NOT_RECEIVED = "body_not_received"
    DRAINING = "draining"
    UNEXPECTED = "unexpected"
    """All 500: Kafka has nothing to do with it."""


KAFKA_AWAY = frozenset(
    {
        DeliveryCause.NO_CONNECTION,
        DeliveryCause.NOT_ACKNOWLEDGED,
        DeliveryCause.STANDING_STILL,
        DeliveryCause.KAFKA_ERROR,
        DeliveryCause.RULES_UNREAD,
    }
)
"""What an outage of Kafka, or of a part of it, looks like."""

OBJECTIONS = frozenset({DeliveryCause.RULES_UNREAD, DeliveryCause.RULES})
"""The bridge's own: it does not ask Kafka then, so that these say nothing of how Kafka takes records."""
