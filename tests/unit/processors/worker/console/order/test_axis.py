"""Places on the axis: in the order of time, apart from each other, with idle time folded."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from processors.worker.console.order.axis import FOLDED, Moment, axis_of

START = datetime(2026, 1, 1, tzinfo=UTC)
APART = 20.0


def moments(*told: tuple[float, int]) -> list[Moment]:
    return [Moment(START + timedelta(seconds=second), lane, APART) for second, lane in told]


@given(st.lists(st.tuples(st.floats(0, 10**7), st.integers(0, 1)), max_size=60), st.floats(100, 2000))
def test_places_keep_the_order_and_their_distance(told: list[tuple[float, int]], width: float) -> None:
    given = moments(*sorted(told))
    axis = axis_of(given, width)
    for lane in (0, 1):
        own = [place for place, moment in zip(axis.places, given, strict=True) if moment.lane == lane]
        assert own == sorted(own)
        assert all(right - left >= APART - 1e-6 for left, right in pairwise(own))
    assert all(0 <= place <= axis.width + 1e-6 for place in axis.places)


@given(st.lists(st.tuples(st.floats(0, 10**7), st.integers(0, 1)), max_size=60))
def test_it_is_longer_than_asked_for_only_where_dots_need_it(told: list[tuple[float, int]]) -> None:
    given = moments(*sorted(told))
    folds = sum(after.at - before.at > FOLDED for before, after in pairwise(given))
    needed = len(given) * APART + folds * 40 + 1
    assert axis_of(given, needed).width <= needed + 1e-6


def test_days_are_as_wide_as_half_an_hour_and_say_how_long_they_are() -> None:
    half, days = FOLDED.total_seconds(), 86_400 * 3
    axis = axis_of(moments((0, 0), (half, 0), (half + days, 0)), 600)
    first, second, third = axis.places
    assert abs((second - first) - (third - second)) < 0.01
    assert [(each.left, each.right, each.lasted) for each in axis.breaks] == [(second, third, timedelta(days=3))]


def test_many_of_one_instant_push_their_own_lane_only() -> None:
    axis = axis_of(moments(*[(0, 0)] * 9, *[(3, 1)] * 9), 600)
    above, below = axis.places[:9], axis.places[9:]
    assert max(abs(one - other) for one, other in zip(above, below, strict=True)) < APART * 2


def test_what_comes_after_a_crowd_stands_right_of_it() -> None:
    axis = axis_of(moments(*[(0, 0)] * 9, (3600, 1)), 600)
    assert axis.places[9] > axis.places[8]
    assert [each.left for each in axis.breaks] == [axis.places[8]]


def test_seconds_are_narrow_beside_minutes() -> None:
    axis = axis_of(moments((0, 0), (4, 1), (1200, 0)), 600)
    assert axis.places[1] - axis.places[0] < 60


def test_nothing_is_an_axis_too() -> None:
    assert axis_of([], 600).width == 600
