"""The pace of a backfill. Time is a parameter."""

import asyncio
from pathlib import Path
from unittest.mock import AsyncMock

import pytest

from bridge.settings import Settings
from commands.backfill.export_file import ExportFile
from commands.backfill.progress import START
from commands.backfill.run import Backfill, Pace, _Way
from commands.backfill.slices import Slicer
from commands.backfill.tally import Tally
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


async def test_each_line_is_counted_once_and_what_is_stored_has_no_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, counted = tmp_path / "a.export", list[int]()
    path.write_bytes(b"{}\n" * 3)
    monkeypatch.setattr(Pace, "count", lambda _pace, lines: counted.append(lines))
    way = _Way(AsyncMock(), Pace(None, began=0), asyncio.Event())
    backfill = Backfill(
        [], Slicer(Settings(tenant="acme"), 1, Tally()), again=False, rate=None, on_read=lambda *_: None
    )
    done = await backfill._store(ExportFile.examine(str(path)), START, way)
    stored = way.writer.write.await_count  # type: ignore[attr-defined]  # a mock
    assert (sum(counted), done.lines, done.finished) == (3, 3, True)
    assert await backfill._store(ExportFile(str(path)), done, way) == done
    assert way.writer.write.await_count == stored  # type: ignore[attr-defined]  # a mock


@pytest.mark.parametrize("rate", ["inf", "1e308", "0.001"])
def test_any_rate_that_is_a_number_can_be_asked_for(bridge: Run, tmp_path: Path, rate: str) -> None:
    """An infinite rate ended in a traceback."""
    export = tmp_path / "a.export"
    export.write_bytes(b"{}\n" * 3)
    result = bridge("backfill", "--dry-run", "--rate", rate, "-o", "json", str(export))
    assert result.exit_code == 0, result.exception
