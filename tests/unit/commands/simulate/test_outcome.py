"""What NewStore makes of an answer, by its documentation."""

import pytest

from commands.simulate.run import REJECTED_LIST, Effect, SendingResult, effect_of


@pytest.mark.parametrize(
    ("status", "effect"),
    [
        (200, Effect.ACCEPTED),
        (400, Effect.REJECTED),
        (429, Effect.THROTTLED),
        (500, Effect.RETRIED),
        (None, Effect.INTERRUPTED),
        (202, Effect.INTERRUPTED),
        (401, Effect.INTERRUPTED),
        (503, Effect.INTERRUPTED),
    ],
)
def test_each_answer_has_its_effect(status: int | None, effect: Effect) -> None:
    """An undocumented status interrupts the stream, also any 2xx but 200."""
    assert effect_of(status) is effect


def test_the_rejected_list_overflows_after_thirty() -> None:
    outcome = SendingResult(deliveries=REJECTED_LIST + 2)
    for _ in range(REJECTED_LIST + 2):
        outcome.answered(400)
    assert (outcome.rejected, outcome.overflowed) == (32, 2)


def test_what_was_rejected_or_given_up_is_undelivered() -> None:
    outcome = SendingResult(deliveries=3, given_up=1)
    outcome.answered(200)
    outcome.answered(400)
    assert outcome.undelivered == 2
