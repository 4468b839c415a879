"""What an opening lane checks: deletions that its tables lack, its worker's membership, and skipped records."""

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.engine import opening
from processors.engine.errors import LaneHaltedError, NoAnswerError
from processors.engine.halts import HaltMarks, has_halted
from processors.engine.lane import Lane
from processors.engine.log_ends import LogBounds
from processors.engine.opening import Opener, PassingOver
from processors.engine.options import EngineOptions
from processors.engine.outdated import LONGEST_S
from processors.engine.overrides.metadata import Broker
from processors.engine.position import Committed, Position
from processors.engine.refusals import Refusals
from processors.engine.share import Share
from processors.engine.store import POSITION, TablePartition
from tests.unit.processors.engine.options import options_in
from tests.unit.processors.engine.test_lane import SOURCE, Silent, lane_without_kafka


class Group:
    """``heard``: the group has heard of this worker. ``offset``: the committed one."""

    def __init__(self, offset: Committed | None = None) -> None:
        self.heard, self._offset = asyncio.Event(), offset

    async def belonging(self) -> None:
        await self.heard.wait()

    async def place(self, offsets: object) -> None: ...

    async def committed(self, _tp: TP) -> Committed | None:
        return self._offset


def opener_in(path: Path, passing_over: PassingOver = lambda *_: None) -> Opener:
    return Opener(options_in(path), (), lambda *_: None, passing_over)


async def bounds(partitions: Iterable[TopicPartition]) -> dict[TopicPartition, LogBounds]:
    return {tp: LogBounds(0, 100, 100, Broker(1, "host", 1), 1, "cluster/topic") for tp in partitions}


async def test_a_lane_that_had_halted_never_runs_on_rows_that_others_have_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker was away for a week. Meanwhile another one erased an order, and the tombstone is gone."""
    path = tmp_path / "seen" / "0"
    table = TablePartition(path)
    table.lineage = "cluster/topic"
    table.apply([(b"erased", b"row")], 5)
    table.close()
    (tmp_path / "seen" / "0.halted").touch()
    then = time.time() - LONGEST_S - 86_400
    os.utime(path, (then, then))
    marks = HaltMarks(Silent(), tmp_path, {SOURCE.topic: ("seen",)})
    lane = Lane(SOURCE, {"seen": "changelog"}, options_in(tmp_path), marks, Refusals(), Share(1), lambda *_: None)
    opener = opener_in(tmp_path)
    monkeypatch.setattr(opener, "_bounds", bounds)

    async def opened() -> bytes | None:
        lane.local.open()
        await opener._checked(lane)
        row = lane.tables["seen"].get(b"erased")
        await opener._start(lane, Group())
        return row

    with pytest.raises(NoAnswerError, match="deletions may be missing"):
        await opened()
    assert not lane.ready
    assert has_halted(path)
    await lane.local.close()
    assert await opened() is None
    assert lane.ready
    assert not has_halted(path)


async def test_a_lane_fences_nobody_before_the_group_has_heard_of_its_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane fences once the group has heard of its worker, however late: no time limit of the opening runs
    meanwhile."""
    monkeypatch.setattr(opening, "_ANSWER_S", 0.05)
    opener, group, fenced = opener_in(tmp_path), Group(), asyncio.Event()

    async def take_over(_options: object) -> None:
        fenced.set()
        raise LaneHaltedError("the test needs no more")

    async def informed() -> EngineOptions:
        return options_in(tmp_path)

    lane = lane_without_kafka(tmp_path)
    monkeypatch.setattr(lane, "take_over", take_over)
    monkeypatch.setattr(opener, "_informed", informed)
    attempt = asyncio.create_task(opener.open(lane, group, 0))
    await asyncio.wait({attempt}, timeout=0.2)
    assert (attempt.done(), fenced.is_set()) == (False, False)
    group.heard.set()
    with pytest.raises(LaneHaltedError):
        await attempt
    assert fenced.is_set()


@pytest.mark.parametrize(
    ("position", "offset", "passed"),
    [
        (15, Committed(18), range(15, 18)),
        (15, Committed(15), None),
        (15, Committed(3), None),
        (15, Committed(15, by_lane=True), None),
        (15, None, None),
        (None, Committed(18), range(18)),
        (None, Committed(0), None),
        (None, None, None),
    ],
)
async def test_records_that_an_offset_set_by_no_worker_skips_are_told_of(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    position: int | None,
    offset: Committed | None,
    passed: range | None,
) -> None:
    """Somebody's consumer in the workers' group sets such an offset by mistake, perhaps before the workers' first
    start, or after the group was deleted to process everything anew. A migration sets offset and position alike."""
    told: list[tuple[TP, range]] = []
    opener = opener_in(tmp_path, lambda *each: told.append(each))
    lane = Lane(SOURCE, {"seen": "changelog"}, options_in(tmp_path), Silent(), Refusals(), Share(1), lambda *_: None)
    monkeypatch.setattr(opener, "_bounds", bounds)
    lane.local.open()
    if position is not None:
        lane.tables["seen"].apply([(POSITION, Position(position).encode())], 5)
    await opener._start(lane, Group(offset))
    assert told == ([] if passed is None else [(SOURCE, passed)])
    says = f"source/0: the group's offset 18 was set by no worker: records {position or 0} to 17 are passed over"
    assert (says in caplog.text) == (passed is not None)
    await lane.local.close()
