"""How long a lane rests between two small units."""

import pytest

from processors.engine.chunk import SMALL_RECORDS
from processors.engine.pace import Pace


def after(records: int, seconds: float) -> Pace:
    """The pace of a lane whose last unit ended at second 10."""
    pace = Pace()
    pace.committed(records, seconds, 10.0)
    return pace


def test_a_lane_that_has_committed_nothing_begins_at_once() -> None:
    assert Pace().rest(1.0, 0.0) == 0.0


@pytest.mark.parametrize(("share", "now", "rest"), [(1.0, 10.0, 0.04), (0.5, 10.0, 0.02), (1.0, 10.03, 0.01)])
def test_it_rests_as_long_as_its_share_of_the_last_one(share: float, now: float, rest: float) -> None:
    assert after(3, 0.04).rest(share, now) == pytest.approx(rest)


def test_it_has_rested_while_nothing_came() -> None:
    assert after(3, 0.04).rest(1.0, 10.05) == 0.0


def test_no_slow_transaction_makes_it_rest_for_long() -> None:
    assert after(3, 6.0).rest(1.0, 10.0) == pytest.approx(0.1)


def test_a_lane_with_much_to_do_does_not_rest() -> None:
    assert after(SMALL_RECORDS, 0.04).rest(1.0, 10.0) == 0.0
