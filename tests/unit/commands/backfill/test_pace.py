"""Time is a parameter."""

from pathlib import Path

import pytest

from commands.backfill.run import Pace
from tests.unit.commands.conftest import Run


def test_lines_are_spread_over_time() -> None:
    pace = Pace(10, began=100)
    assert pace.wait(100) == 0
    pace.count(5)
    assert pace.wait(100) == 0.5
    assert pace.wait(100.5) == 0
    pace.count(10)
    assert pace.wait(100.5) == 1
    assert pace.wait(200) == 0


def test_without_a_rate_nothing_waits() -> None:
    pace = Pace(None, began=100)
    pace.count(1000)
    assert pace.wait(100) == 0


@pytest.mark.parametrize("rate", ["inf", "1e308", "0.001"])
def test_any_rate_that_is_a_number_can_be_asked_for(bridge: Run, tmp_path: Path, rate: str) -> None:
    """An endless one ended in a traceback."""
    export = tmp_path / "a.export"
    export.write_bytes(b"{}\n" * 3)
    result = bridge("backfill", "--dry-run", "--rate", rate, "-o", "json", str(export))
    assert result.exit_code == 0, result.exception
