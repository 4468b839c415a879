"""Two processes with one instance id."""

import pytest

from processors.engine.rival import Rival


def losing(*times: float, session: float = 45.0) -> Rival:
    rival = Rival(session)
    for now in times:
        rival.took_over(now)
    return rival


@pytest.mark.parametrize(
    ("times", "is_there"),
    [
        ((), False),
        ((100.0, 103.0), False),  # a coordinator that had not yet written who joined
        ((100.0, 103.0, 106.0), True),
        ((100.0, 300.0, 500.0, 700.0), False),  # a pod that is replaced now and then
        ((100.0, 103.0, 106.0, 202.0, 298.0), True),  # as often as two lose it that leave each other a session
    ],
)
def test_it_is_there_once_it_took_over_again_and_again(times: tuple[float, ...], is_there: bool) -> None:
    assert losing(*times).is_there(max(times, default=0.0)) is is_there


def test_it_is_left_a_whole_session_and_no_more() -> None:
    rival = losing(100.0, 103.0)
    assert rival.turn(103.0) == 0.0
    rival.took_over(106.0)
    assert [rival.turn(now) for now in (106.0, 150.0, 151.0, 160.0)] == [45.0, 1.0, 0.0, 0.0]


def test_it_is_over_when_nothing_was_lost_for_three_sessions() -> None:
    rival = losing(100.0, 103.0, 106.0)
    assert (rival.is_there(240.9), rival.is_there(241.0)) == (True, False)
    rival.took_over(250.0)
    assert (rival.is_there(250.0), rival.turn(250.0)) == (False, 0.0)


def test_it_is_told_once_a_minute_at_most() -> None:
    rival = Rival(10.0)
    assert [now for now in range(0, 200, 20) if rival.took_over(float(now))] == [40, 100, 160]
