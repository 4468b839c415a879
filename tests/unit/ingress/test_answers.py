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
)

# design/contract.md, section HTTP, ingress
STATUS_BY_SITUATION = [
    (TooMuchInFlight(), 429),
    (Unavailable("unreachable"), 500),
    (Draining(), 500),
    (BodyNotReceived("gone"), 500),
    (BodyTooLarge(b"", 1), 400),
    (RecordRefused("MessageSizeTooLargeError"), 400),
    (Unauthorized(), 401),
    (NotFound(), 404),
    (MethodNotAllowed(), 405),
    (RuntimeError("a mistake of ours"), 500),
    (KeyError("another"), 500),
]


@pytest.mark.parametrize(("situation", "status"), STATUS_BY_SITUATION, ids=lambda value: repr(value)[:30])
def test_each_situation_has_the_contracts_status(situation: Exception, status: int) -> None:
    assert answer_to(situation).status == status


@pytest.mark.parametrize("situation", [error for error, status in STATUS_BY_SITUATION if status in {429, 500}])
def test_whatever_shall_be_delivered_again_says_when(situation: Exception) -> None:
    assert int(answer_to(situation).headers["Retry-After"]) > 0


def test_nothing_but_a_record_that_kafka_cannot_hold_is_rejected_for_good() -> None:
    """400 puts an event on NewStore's list of at most 30: every other error must be one that is retried."""
    assert {type(error) for error, _ in STATUS_BY_SITUATION if answer_to(error).status == 400} == {
        BodyTooLarge,
        RecordRefused,
    }
