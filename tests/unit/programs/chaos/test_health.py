"""If a watch over the services ends by itself, that is reported like what it would have found."""

from pathlib import Path
from typing import cast

import pytest

from tests.integration.waiting import wait_until
from tests.programs.chaos import health as health_module
from tests.programs.chaos.diary import Diary
from tests.programs.chaos.health import Health
from tests.programs.chaos.marks import MarksReader


class Broken:
    """Offsets that nobody can read, for a reason that no broker gives."""

    def read(self) -> None:
        raise LookupError("a mistake of the watch's")


def test_a_watch_that_fails_does_not_count_as_health(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "_BETWEEN_LOOKS", 0.01)
    health = Health({}, {}, cast("MarksReader", Broken()), Diary(tmp_path / "diary.log"))
    with health.watching() as unhealthy:
        wait_until("it is told", lambda: unhealthy)
    assert unhealthy == ["""the watch of the services has ended: LookupError("a mistake of the watch's")"""]
