import pytest

from ingress.answers import (
    BodyNotReceived,
    BodyTooLarge,
    Draining,
    MethodNotAllowed,
    NotFound,
    RecordRefused,
    TooMuchInFlight,
    Unauthorized,
    Unavailable,
    answer_to,
    cause_of,
)
from ingress.causes import KAFKA_AWAY, DeliveryCause

# The public contract, as docs/ingress.md has it.
STATUS_BY_SITUATION = [
    (TooMuchInFlight(), 429),
    (Unavailable("unreachable"), 500),
    (Draining(), 500),
    (BodyNotReceived("gone"), 500),
    (BodyTooLarge(b"", 1), 400),
    (RecordRefused("INVALID_RECORD"), 400),
    (Unauthorized(), 401),
    (NotFound(), 404),
    (MethodNotAllowed(), 405),
    (RuntimeError("a mistake of ours"), 500),
    (KeyError("another"), 500),
]


@pytest.mark.parametrize(("situation", "status"), STATUS_BY_SITUATION, ids=lambda value: repr(value)[:30])
def test_each_situation_has_the_contracts_status(situation: Exception, status: int) -> None:
    assert answer_to(situation).status == status


# docs/ingress.md lists why a delivery was not taken.
CAUSE_BY_SITUATION = [
    (TooMuchInFlight(), DeliveryCause.REQUESTS_IN_FLIGHT),
    (TooMuchInFlight(DeliveryCause.BYTES_IN_FLIGHT), DeliveryCause.BYTES_IN_FLIGHT),
    (Unavailable("refuses"), DeliveryCause.KAFKA_ERROR),
    *((Unavailable("why", cause), cause) for cause in (*sorted(KAFKA_AWAY), DeliveryCause.RULES, DeliveryCause.PARSER)),
    (Draining(), DeliveryCause.DRAINING),
    (BodyNotReceived("gone"), DeliveryCause.BODY_NOT_RECEIVED),
    (BodyTooLarge(b"", 1), DeliveryCause.TOO_LARGE),
    (RecordRefused("INVALID_RECORD"), DeliveryCause.RECORD_REFUSED),
    (Unauthorized(), DeliveryCause.KEY),
    (KeyError("a mistake of ours"), DeliveryCause.UNEXPECTED),
    (NotFound(), None),
    (NotFound(DeliveryCause.PATH), DeliveryCause.PATH),
    (MethodNotAllowed(), None),
    (MethodNotAllowed(DeliveryCause.METHOD), DeliveryCause.METHOD),
]


@pytest.mark.parametrize(("situation", "cause"), CAUSE_BY_SITUATION, ids=lambda value: repr(value)[:40])
def test_each_delivery_that_is_not_taken_has_a_cause(situation: Exception, cause: DeliveryCause | None) -> None:
    assert cause_of(situation) == cause
    assert cause is None or cause in answer_to(situation).causes


def test_every_cause_is_one_of_some_situation() -> None:
    assert {cause for _, cause in CAUSE_BY_SITUATION if cause} == set(DeliveryCause)


@pytest.mark.parametrize("situation", [error for error, status in STATUS_BY_SITUATION if status in {429, 500}])
def test_whatever_shall_be_delivered_again_says_when(situation: Exception) -> None:
    assert int(answer_to(situation).headers["Retry-After"]) > 0


def test_nothing_but_a_record_that_kafka_cannot_hold_is_rejected_for_good() -> None:
    """After 400 an event goes to NewStore's list of at most 30. Every other error must be retried."""
    assert {type(error) for error, _ in STATUS_BY_SITUATION if answer_to(error).status == 400} == {
        BodyTooLarge,
        RecordRefused,
    }
