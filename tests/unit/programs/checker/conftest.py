"""What the checker's tests start from."""

import pytest

from tests.unit.programs.checker.topics import Records, correct


@pytest.fixture
def records() -> Records:
    """Topics in which everything is as it must be."""
    return correct()
