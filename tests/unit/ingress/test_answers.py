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
from ingress.causes import KAFKA_AWAY, Cause

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


# docs/ingress.md, why a delivery was not taken
CAUSE_BY_SITUATION = [
    (TooMuchInFlight(), Cause.REQUESTS_IN_FLIGHT),
    (TooMuchInFlight(Cause.BYTES_IN_FLIGHT), Cause.BYTES_IN_FLIGHT),
    (Unavailable("refuses"), Cause.KAFKA_ERROR),
    *((Unavailable("why", cause), cause) for cause in (*sorted(KAFKA_AWAY), Cause.RULES, Cause.PARSER)),
    (Draining(), Cause.DRAINING),
    (BodyNotReceived("gone"), Cause.BODY_NOT_RECEIVED),
    (BodyTooLarge(b"", 1), Cause.TOO_LARGE),
    (RecordRefused("INVALID_RECORD"), Cause.RECORD_REFUSED),
    (Unauthorized(), Cause.KEY),
    (KeyError("a mistake of ours"), Cause.UNEXPECTED),
    (NotFound(), None),
    (NotFound(Cause.PATH), Cause.PATH),
    (MethodNotAllowed(), None),
    (MethodNotAllowed(Cause.METHOD), Cause.METHOD),
]


@pytest.mark.parametrize(("situation", "cause"), CAUSE_BY_SITUATION, ids=lambda value: repr(value)[:40])
def test_each_delivery_that_is_not_taken_has_a_cause(situation: Exception, cause: Cause | None) -> None:
    assert cause_of(situation) == cause
    assert cause is None or cause in answer_to(situation).causes


def test_every_cause_is_one_of_some_situation() -> None:
    assert {cause for _, cause in CAUSE_BY_SITUATION if cause} == set(Cause)


@pytest.mark.parametrize("situation", [error for error, status in STATUS_BY_SITUATION if status in {429, 500}])
def test_whatever_shall_be_delivered_again_says_when(situation: Exception) -> None:
    assert int(answer_to(situation).headers["Retry-After"]) > 0


def test_nothing_but_a_record_that_kafka_cannot_hold_is_rejected_for_good() -> None:
    """400 puts an event on NewStore's list of at most 30: every other error must be one that is retried."""
    assert {type(error) for error, _ in STATUS_BY_SITUATION if answer_to(error).status == 400} == {
        BodyTooLarge,
        RecordRefused,
    }
