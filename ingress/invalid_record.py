"""Kafka's error INVALID_RECORD, which aiokafka 0.14.0 does not know and would report as an unknown error."""

from aiokafka import errors


class InvalidRecordError(errors.BrokerResponseError):  # type: ignore[misc]  # aiokafka is not followed by mypy
    """The broker found the record itself invalid."""

    errno = 87
    message = "INVALID_RECORD"
    description = "The broker failed to validate this record."


errors.kafka_errors[InvalidRecordError.errno] = InvalidRecordError
