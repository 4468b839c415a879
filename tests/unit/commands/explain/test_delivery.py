"""What the times of deliveries tell, once retention has deleted the cleaned record."""

import pytest

from commands.explain.delivery import Delivery, _by_time
from schemas.outcome import Outcome

FIRST, LATER = "2026-01-01T10:00:00.000Z", "2026-01-02T10:00:00.000Z"


@pytest.mark.parametrize(
    ("received", "deliveries", "last", "verdict"),
    [
        (FIRST, 1, FIRST, Outcome.UNIQUE),
        (FIRST, 2, LATER, Outcome.UNIQUE),
        (LATER, 2, LATER, Outcome.DUPLICATE),
        (FIRST, 2, FIRST, None),
        (FIRST, 3, LATER, None),
    ],
)
def test_two_that_came_in_the_same_millisecond_are_not_told_apart(
    received: str, deliveries: int, last: str, verdict: Outcome | None
) -> None:
    made = Delivery("3:557", received, first_received_at=FIRST, deliveries=deliveries, last_received_at=last)
    assert _by_time(made) is verdict
