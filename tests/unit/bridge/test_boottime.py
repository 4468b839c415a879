"""Time that other clocks counted while this system was suspended has passed for it, too."""

import time

import pytest

from bridge.boottime import Moment, boottime

EARLIER = Moment(boottime=100.0, wall=5000.0)


def test_it_is_the_clock_that_goes_on_while_the_system_is_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test cannot suspend its system, but it can tell which clock is read."""
    clocks = {time.CLOCK_BOOTTIME: 3700.0, time.CLOCK_MONOTONIC: 100.0}
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    monkeypatch.setattr(time, "time", lambda: 8600.0)
    assert boottime() == 3700.0
    assert Moment.now() == Moment(3700.0, 8600.0)


@pytest.mark.parametrize(
    ("later", "seconds"),
    [
        (Moment(103.0, 5003.0), 3.0),
        (Moment(103.0, 8603.0), 3603.0),  # paused by a hypervisor, or set forward
        (Moment(103.0, 1403.0), 3.0),  # set back
    ],
)
def test_as_long_as_either_clock_says_has_passed(later: Moment, seconds: float) -> None:
    assert later.seconds_since(EARLIER) == seconds
