"""Time is a parameter."""

from commands.backfill.run import Pace


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
