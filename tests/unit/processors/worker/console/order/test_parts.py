"""Long lists in pieces, and durations in words."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.worker.console.order.parts import part_of
from processors.worker.console.rendering import day_and_time, lasting


@given(st.integers(0, 200), st.integers(-5, 50), st.integers(1, 60))
def test_every_entry_is_in_one_piece(total: int, number: int, size: int) -> None:
    seen: list[int] = []
    at: int | None = 1
    while at is not None:
        part = part_of(range(total), at, size)
        seen.extend(part.entries)
        assert len(part.entries) <= size
        at = part.after
    assert seen == [*range(total)]
    asked = part_of(range(total), number, size)
    assert asked.entries or not total
    assert (asked.before is None) == (asked.number == 1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.25, "250 ms"),
        (4.9, "4 s"),
        (75, "1 min"),
        (1262, "21 min"),
        (3600 * 5 + 10, "5 h"),
        (86_400 * 3, "3 d"),
        (-3, "-3 s"),
    ],
)
def test_durations_in_their_largest_unit(seconds: float, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words


def test_instants_with_nine_digits() -> None:
    assert day_and_time("2026-01-01T00:04:20.123456789Z") == "01 Jan 2026 00:04:20"
