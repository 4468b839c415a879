"""How long a process may be away from its group."""

import pytest

from processors.worker.main import ABSENCE_S, Absence


@pytest.mark.parametrize(("session_timeout", "limit"), [(10.0, ABSENCE_S), (45.0, 90.0)])
def test_a_minute_or_as_long_as_a_join_may_wait(session_timeout: float, limit: float) -> None:
    absence = Absence(session_timeout)
    assert not absence.is_too_long(1.0)
    assert not absence.is_too_long(1.0 + limit)
    assert absence.is_too_long(1.1 + limit)


def test_what_was_before_a_reset_does_not_count() -> None:
    absence = Absence(10.0)
    absence.is_too_long(0.0)
    absence.reset()
    assert not absence.is_too_long(100.0)
    assert absence.is_too_long(100.1 + ABSENCE_S)
