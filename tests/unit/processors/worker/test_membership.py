"""How long a process may be away from its group."""

import asyncio
from math import inf
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from bridge.boottime import boottime
from bridge.settings import Settings
from processors.worker import main
from processors.worker.app import engine_options
from processors.worker.main import Worker
from processors.worker.membership import ABSENCE_S, Absence


def too_long(absence: Absence, first: float, last: float | None = None) -> list[float]:
    """When the absence is too long, with a look at ``first`` and every second up to ``last``."""
    looks = (first + second for second in range(int((last or first) - first) + 1))
    return [now for now in looks if absence.is_too_long(now)]


@pytest.mark.parametrize(("session_timeout", "limit"), [(10.0, ABSENCE_S), (45.0, 90.0)])
def test_a_minute_or_as_long_as_a_join_may_wait(session_timeout: float, limit: float) -> None:
    absence = Absence(session_timeout)
    assert too_long(absence, 1.0, 1.0 + limit) == []
    assert too_long(absence, 2.0 + limit) == [2.0 + limit]


def test_the_group_forgets_a_worker_also_while_its_system_is_suspended() -> None:
    assert engine_options(Settings(tenant="acme")).clock is boottime


def test_what_was_before_a_reset_does_not_count() -> None:
    absence = Absence(10.0)
    assert too_long(absence, 0.0, ABSENCE_S) == []
    absence.reset()
    assert too_long(absence, 100.0, 100.0 + ABSENCE_S) == []
    assert too_long(absence, 101.0 + ABSENCE_S) != []


def test_nor_does_time_in_which_the_process_was_frozen() -> None:
    """A frozen process can neither look nor join."""
    absence = Absence(10.0)
    assert too_long(absence, 0.0, 10.0) == []
    assert too_long(absence, 1000.0, 1000.0 + ABSENCE_S - 15) == []
    assert too_long(absence, 1001.0 + ABSENCE_S - 15, 1000.0 + ABSENCE_S) != []


@pytest.mark.parametrize(
    ("kafka", "outage", "belongs", "member_every", "code"),
    [
        (None, False, True, inf, 1),
        (None, False, True, 2 * ABSENCE_S, 1),
        (None, False, True, ABSENCE_S / 2, 0),
        (None, True, True, inf, 0),  # only the group's coordinator is away, perhaps
        ("away", False, True, inf, 0),
        (None, False, False, inf, 0),  # a deployment that is not set up, or a migration
    ],
)
async def test_a_worker_ends_without_its_group_while_all_of_kafka_is_there(
    monkeypatch: pytest.MonkeyPatch, kafka: str | None, outage: bool, belongs: bool, member_every: float, code: int
) -> None:
    """Each look takes a second, and after an hour it is told to stop. Every ``member_every`` seconds it is a member for
    a moment."""
    worker, clock = Worker(Settings(tenant="acme")), [0.0]
    worker._stop, worker._belongs = asyncio.Event(), belongs

    def is_member() -> bool:
        clock[0] += 1.0
        if clock[0] > 3600:
            worker._stop.set()
        return clock[0] % member_every == 0

    worker.watch = SimpleNamespace(kafka=lambda: kafka)  # type: ignore[assignment] # the topics' place
    worker.lane_watch = SimpleNamespace(outage=outage)  # type: ignore[assignment]
    worker.app = SimpleNamespace(is_member=is_member)  # type: ignore[assignment]
    monkeypatch.setattr(main, "_LOOK_S", 0.0)
    monkeypatch.setattr(main, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(main, "log", MagicMock())
    attending = asyncio.create_task(worker._attend())
    async with asyncio.timeout(30):
        await worker._stop.wait()
    attending.cancel()
    assert worker._exit_code == code
