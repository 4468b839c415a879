"""A sample of a stream in pieces: each element has the same chance, wherever the pieces end."""

from collections import Counter
from random import Random

import pytest

from processors.worker.shapes import Sample


def pieces_of(sizes: list[int]) -> list[range]:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(range(start, start + size))
        start += size
    return pieces


def test_what_is_taken_does_not_depend_on_how_the_stream_is_cut() -> None:
    whole = Sample(0.1, Random(1)).of(range(1000))
    sample = Sample(0.1, Random(1))
    cut = [element for piece in pieces_of([1, 0, 9, 300, 1, 689]) for element in sample.of(piece)]
    assert cut == whole
    assert whole


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_every_place_in_a_piece_is_taken_as_often_as_its_share_says(share: float) -> None:
    """10,000 pieces: five standard deviations are at most 2.5 %."""
    sample, taken = Sample(share, Random(7)), Counter[int]()
    for _ in range(10_000):
        taken.update(sample.of(range(10)))
    assert sorted(taken) == list(range(10))
    assert all(abs(count / 10_000 - share) < 0.025 for count in taken.values())
    assert abs(taken.total() / 100_000 - share) < 0.008


def test_neighbours_are_taken_independently() -> None:
    sample, both = Sample(0.5, Random(3)), 0
    for _ in range(10_000):
        both += len(sample.of(range(2))) == 2
    assert abs(both / 10_000 - 0.25) < 0.025


def test_the_whole_and_nearly_nothing() -> None:
    assert Sample(1, Random(0)).of(range(5)) == [0, 1, 2, 3, 4]
    assert Sample(5e-324, Random(0)).of(range(5)) == []
