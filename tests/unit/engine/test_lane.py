"""A lane whose commit succeeds and whose disk does not, without Kafka."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from processors.engine.chunk import Chunk
from processors.engine.lane import Lane
from processors.engine.observer import LaneState
from processors.engine.options import EngineOptions
from processors.engine.refusals import Refusals
from processors.engine.share import Share
from processors.engine.unit import Unit
from tests.unit.engine.records import record

SOURCE = TP("source", 0)


class Silent:
    def lane_state(self, tp: TP, state: LaneState) -> None: ...
    def unit_committed(self, tp: TP, records: int, seconds: float) -> None: ...
    def record_refused(self, tp: TP) -> None: ...
    def purged(self, table: str, rows: int) -> None: ...
    def recovered(self, table: str, rows: int, seconds: float) -> None: ...


class FullDisk:
    """A table that cannot be written."""

    path = Path("full")

    def apply(self, *_: Any) -> None:
        raise OSError(28, "No space left on device")

    def close(self) -> None: ...


async def test_what_kafka_has_and_the_disk_has_not_is_never_committed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane must stop: on its stale rows, the next attempt would take every event for a new one."""
    failures: list[BaseException] = []
    options = EngineOptions("group", {"bootstrap_servers": ["nowhere:1"]}, tmp_path, (), "http://localhost")
    lane = Lane(
        SOURCE,
        {"seen": "changelog"},
        options,
        Silent(),
        Refusals(),
        Share(1),
        lambda _lane, error: failures.append(error),
    )
    lane.tables = {"seen": FullDisk()}  # type: ignore[dict-item] # takes the table's place
    lane.ready_at(0)

    async def commit(_unit: Unit) -> dict[tuple[str, int], int]:
        return {("changelog", 0): 0}

    monkeypatch.setattr(lane, "_commit", commit)
    released: list[bool] = []
    unit = Unit(lane, Chunk(SOURCE, 0, 1, [record(0)], lambda: released.append(True)))
    unit.rows["seen"] = {b"key": b"row"}
    lane.start(unit)
    await lane.idle()
    await asyncio.sleep(0)

    assert lane.state is LaneState.FAILED
    assert lane.next == 0
    assert [type(error) for error in failures] == [OSError]
    assert released == [True]
