"""Which facts came out of order: the fewest without which the others are in order."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.worker.console.order.out_of_order import out_of_order

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def marked(*arrivals: int, happened: list[int | None] | None = None) -> dict[int, int]:
    """Facts out of order. They happened one after the other, unless `happened` says when."""
    when = [*range(len(arrivals))] if happened is None else happened
    times = [
        (None if then is None else at(then), at(1000 + arrived)) for then, arrived in zip(when, arrivals, strict=True)
    ]
    return dict(out_of_order(times))


@pytest.mark.parametrize(
    ("arrivals", "found"),
    [
        ((), {}),
        ((5,), {}),
        ((1, 2, 3, 4), {}),
        ((1, 9, 2, 3, 4), {1: 5}),  # one late event, not the three that overtook it
        ((2, 3, 4, 1), {3: 1}),
        ((1, 1, 1), {}),
    ],
)
def test_the_few_that_are_out_of_order(arrivals: tuple[int, ...], found: dict[int, int]) -> None:
    assert marked(*arrivals) == found


def test_what_happened_at_one_instant_has_no_order() -> None:
    assert marked(9, 8, 7, happened=[1, 1, 1]) == {}


def test_nobody_knows_whether_what_has_no_time_came_out_of_order() -> None:
    assert marked(9, 1, 2, happened=[None, 1, 2]) == {}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=8))
def test_the_others_are_a_longest_run(times: list[tuple[int, int]]) -> None:
    times.sort()
    found = out_of_order([(at(happened), at(arrived)) for happened, arrived in times])
    kept = [time for index, time in enumerate(times) if index not in found]
    assert _is_run(kept)
    assert not any(_is_run(more) for size in range(len(kept) + 1, len(times) + 1) for more in combinations(times, size))


def _is_run(times: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> bool:
    return all(one[1] <= other[1] for one, other in pairwise(times))
