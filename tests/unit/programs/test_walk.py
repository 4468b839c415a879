"""A delivery's way through the files does not become longer."""

import pytest

from tests.programs.walk import Way, walk


@pytest.fixture(scope="module")
def ways() -> dict[str, Way]:
    return walk()


@pytest.mark.parametrize(
    ("leg", "moves", "returns"), [("body to raw", 17, 5), ("raw to cleaned", 12, 4), ("cleaned to state", 167, 115)]
)
def test_the_way_is_no_longer_than_it_was(ways: dict[str, Way], leg: str, moves: int, returns: int) -> None:
    assert ways[leg].moves <= moves
    assert ways[leg].returns <= returns
