"""How long a process may be away from its group."""

import asyncio
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from bridge.settings import Settings
from processors.worker import main
from processors.worker.main import ABSENCE_S, Absence, Worker


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


@pytest.mark.parametrize(
    ("kafka", "outage", "code"),
    [
        (None, False, 1),
        (None, True, 0),  # the group's coordinator, which others need not miss
        ("away", False, 0),
    ],
)
async def test_a_worker_ends_without_its_group_while_all_of_kafka_is_there(
    monkeypatch: pytest.MonkeyPatch, kafka: str | None, outage: bool, code: int
) -> None:
    """A second passes with each of its looks, and after an hour it is told to stop."""
    worker, clock = Worker(Settings(tenant="acme")), [0.0]
    worker._stop, worker._belongs = asyncio.Event(), True

    def is_member() -> bool:
        clock[0] += 1.0
        if clock[0] > 3600:
            worker._stop.set()
        return False

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
