"""Scratch tables for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.topics.migration.scratch import Scratch


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    """Empty tables."""
    with Scratch(tmp_path / "migration") as scratch:
        yield scratch
