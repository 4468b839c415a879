"""Marks of axes are round, and cover what is drawn."""

import pytest

from tests.programs.dashboards.axes import times, values


@pytest.mark.parametrize(
    ("found", "marks"),
    [
        ([0.0, 9.0], [0, 2, 4, 6, 8, 10]),
        ([0.0, 42.0], [0, 10, 20, 30, 40, 50]),
        ([0.0, 0.021], [0, 0.005, 0.01, 0.015, 0.02, 0.025]),
        ([3.0, 4.0], [0, 1, 2, 3, 4]),
        ([], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_from_zero(found: list[float], marks: list[float]) -> None:
    axis = values(found, low=0.0)
    assert axis.marks == pytest.approx(marks)
    assert axis.low == 0.0
    assert axis.high == pytest.approx(marks[-1])


def test_without_a_bound_the_range_is_that_of_what_is_drawn() -> None:
    axis = values([101.0, 109.0])
    assert (axis.low, axis.high) == (100.0, 110.0)


def test_a_bound_is_kept() -> None:
    assert values([0.2], low=0.0, high=1.0).high == 1.0


def test_whole_numbers_have_no_marks_between() -> None:
    assert values([0.0, 2.0], low=0.0, whole=True).marks == [0, 1, 2]


def test_bytes_have_marks_that_are_round_for_them() -> None:
    assert values([0.0, 200.0 * 2**20], low=0.0, binary=True).marks == [n * 64 * 2**20 for n in range(5)]


def test_moments_are_round() -> None:
    axis = times(1_000_003.0, 1_000_123.0)
    assert axis.marks == [1_000_020, 1_000_050, 1_000_080, 1_000_110]
