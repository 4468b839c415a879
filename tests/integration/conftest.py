"""What tests with real processes share."""

from pathlib import Path

import pytest

from tests.integration.alarms import Alarms


@pytest.fixture
def alarms(subtests: pytest.Subtests, tmp_path: Path) -> Alarms:
    """For the pages of the services of a test."""
    return Alarms(subtests, tmp_path)
