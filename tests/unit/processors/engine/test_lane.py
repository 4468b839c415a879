"""A lane's states, chunks, units and disk, without Kafka."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
from faust.types import TP

from processors.engine import lane as lane_module
from processors.engine.chunk import Chunk, nothing
from processors.engine.continuity import Last
from processors.engine.errors import IdleError, StandstillError, UnitTimeoutError
from processors.engine.lane import Lane
from processors.engine.lane_tables import LaneTables
from processors.engine.observer import LaneState
from processors.engine.refusals import IN_A_ROW, Refusals
from processors.engine.share import Share
from processors.engine.unit import Unit
from tests.unit.processors.engine.options import options_in
from tests.unit.processors.engine.records import record

SOURCE = TP("source", 0)


class Silent:
    def lane_state(self, tp: TP, state: LaneState) -> None: ...
    def unit_committed(self, tp: TP, records: Sequence[Any], seconds: float) -> None: ...
    def record_refused(self, tp: TP) -> None: ...
    def passed_over(self, tp: TP, offsets: range) -> None: ...
    def purged(self, table: str, rows: int) -> None: ...
    def recovered(self, table: str, rows: int, seconds: float) -> None: ...


class FullDisk:
    """A table that cannot be written."""

    path = Path("full")
    offset = None

    def apply(self, *_: Any) -> None:
        raise OSError(28, "No space left on device")

    def close(self) -> None: ...


async def test_what_kafka_has_and_the_disk_has_not_is_never_committed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane must stop. On its stale rows, the next attempt would take every event for a new one."""
    failures: list[BaseException] = []
    lane = Lane(
        SOURCE,
        {"seen": "changelog"},
        options_in(tmp_path),
        Silent(),
        Refusals(),
        Share(1),
        lambda _lane, error: failures.append(error),
    )
    lane.local.opened = {"seen": FullDisk()}  # type: ignore[dict-item] # takes the table's place
    lane.start_at(0, None, 0)

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


def lane_without_kafka(
    tmp_path: Path, on_failure: Callable[[Lane, BaseException], None] = lambda _lane, _error: None
) -> Lane:
    return Lane(SOURCE, {}, options_in(tmp_path), Silent(), Refusals(), Share(1), on_failure)


def test_every_state_can_end_and_an_ended_lane_never_goes_on() -> None:
    for state in LaneState:
        assert state is LaneState.CLOSED or LaneState.CLOSED in state.moves
    assert not LaneState.CLOSED.moves


def test_units_are_accepted_only_after_an_opening() -> None:
    assert {state for state in LaneState if LaneState.READY in state.moves} == {LaneState.OPENING, LaneState.VERIFYING}
    assert LaneState.OPENING in LaneState.FAILED.moves & LaneState.HALTED.moves


async def test_a_lane_that_was_closed_while_it_opened_does_not_run(tmp_path: Path) -> None:
    lane = lane_without_kafka(tmp_path)
    await lane.close()
    with pytest.raises(RuntimeError, match="is closed and cannot be ready"):
        lane.start_at(0, None, 0)
    assert lane.state is LaneState.CLOSED


@pytest.mark.parametrize(("idle_s", "failures"), [(80_000, []), (86_401, [IdleError])])
async def test_a_lane_that_was_idle_for_a_day_is_opened_anew_before_it_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, idle_s: float, failures: list[type]
) -> None:
    async def committed(_producer: object, transaction: Coroutine[Any, Any, Any]) -> dict[tuple[str, int], int]:
        transaction.close()
        return {}

    monkeypatch.setattr(lane_module, "with_growing_backoff", committed)
    failed: list[type] = []
    lane = lane_without_kafka(tmp_path, lambda _lane, error: failed.append(type(error)))
    lane._producer = AsyncMock()
    lane.start_at(0, None, 0)
    lane._committed_at = time.monotonic() - idle_s
    lane.start(Unit(lane, Chunk(SOURCE, 0, 1, [record(0)], lambda: None)))
    await lane.idle()
    assert failed == failures
    assert lane.next == (0 if failures else 1)
    assert (time.monotonic() - lane._committed_at >= idle_s) is bool(failures)  # a commit ends the idle time
    await lane.barrier()  # the next opening's barrier is a commit as well
    lane.state = LaneState.READY
    lane.start(Unit(lane, Chunk(SOURCE, lane.next, 2, [record(lane.next)], lambda: None)))
    await lane.idle()
    assert failed == failures
    assert lane.next == 2


async def test_a_handler_that_fails_now_and_then_does_not_use_up_what_it_may_fail_on_in_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def commit(_unit: Unit) -> dict[tuple[str, int], int]:
        return {}

    lane = lane_without_kafka(tmp_path)
    monkeypatch.setattr(lane, "_commit", commit)
    lane.start_at(0, None, 0)
    for offset in range(4 * IN_A_ROW):
        Unit(lane, Chunk(SOURCE, offset, offset + 1, [record(offset)], lambda: None)).commit(refused=offset % 2 == 0)
        await lane.idle()
        assert not lane.refusals.exhausted
    for offset in range(4 * IN_A_ROW, 5 * IN_A_ROW):
        Unit(lane, Chunk(SOURCE, offset, offset + 1, [record(offset)], lambda: None)).commit(refused=True)
        await lane.idle()
    assert lane.refusals.exhausted


@pytest.mark.parametrize("outcome", [{}, UnitTimeoutError("no outcome"), None], ids=["committed", "failed", "none"])
async def test_a_unit_from_before_says_nothing_once_the_lane_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: dict[tuple[str, int], int] | Exception | None
) -> None:
    """The unit waited for a silent broker when the lane was found to stand still. The lane reads from Kafka what came
    of it, and the next unit does not wait for it."""
    failures, asked, answered = list[BaseException](), asyncio.Event(), asyncio.Event()

    async def commit(_unit: Unit) -> Any:
        asked.set()
        while not answered.is_set():
            with suppress(asyncio.CancelledError):  # aiokafka may swallow it, too
                await answered.wait()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    lane = lane_without_kafka(tmp_path, lambda _lane, error: failures.append(error))
    monkeypatch.setattr(lane, "_commit", commit)
    monkeypatch.setattr(lane_module, "new_producer", lambda *_: AsyncMock())
    monkeypatch.setattr(lane_module, "fence", AsyncMock())
    lane.start_at(0, None, 0)
    lane.start(Unit(lane, Chunk(SOURCE, 0, 1, [record(0)], lambda: None)))
    await asked.wait()
    lane.fail(StandstillError("it stands"))
    await lane.take_over(lane._options)
    lane.start_at(7, None, 0)
    async with asyncio.timeout(10):
        await lane.idle()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    answered.set()
    await asyncio.wait(left)
    assert (lane.state, lane.next, len(failures)) == (LaneState.READY, 7, 1)


async def test_tables_are_closed_before_they_are_opened_whoever_is_cancelled_meanwhile(tmp_path: Path) -> None:
    closed, going_on = list[str](), threading.Event()

    class Slow:
        path = tmp_path

        def close(self) -> None:
            going_on.wait()
            closed.append("closed")

    tables = LaneTables(0, {}, options_in(tmp_path))
    tables.opened = {"seen": Slow()}  # type: ignore[dict-item] # takes the table's place
    first = asyncio.create_task(tables.close())
    while tables.opened:
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    second = asyncio.create_task(tables.close())
    await asyncio.sleep(0)
    going_on.set()
    await second
    assert closed == ["closed"]


def test_after_an_interruption_a_lane_reads_again_from_its_last_record(tmp_path: Path) -> None:
    lane = lane_without_kafka(tmp_path)
    lane.start_at(20, Last(18, 1_018), 0)
    assert lane.state is LaneState.VERIFYING
    assert lane.reads_from == 18
    assert lane.admit(Chunk(SOURCE, 20, 21, [record(20)], lambda: None, 1)) is None
    shown = lane.admit(Chunk(SOURCE, 18, 21, [record(18), record(20)], lambda: None, 1))
    assert shown is not None
    assert (lane.state, shown.start, shown.records) == (LaneState.READY, 20, [record(20)])
    assert lane.admit(Chunk(SOURCE, 20, 21, [record(20)], lambda: None, 2)) is None
    assert lane.reads_from == 18


def test_a_lane_says_whether_it_has_found_its_start(tmp_path: Path) -> None:
    lane = lane_without_kafka(tmp_path)
    assert not lane.found_start
    lane.start_at(0, None, 0)
    lane.fail(OSError("the disk is full"))
    assert lane.found_start  # what it has processed stays processed


def test_markers_behind_the_last_record_are_passed_over(tmp_path: Path) -> None:
    lane = lane_without_kafka(tmp_path)
    lane.start_at(19, Last(18, 1_018), 0)
    assert lane.admit(Chunk(SOURCE, 18, 21, [record(18)], lambda: None, 1)) is None
    assert (lane.ready, lane.next) == (True, 21)


@pytest.mark.parametrize(
    ("found", "admitted", "stands_at"),
    [
        pytest.param([18, 19, 20], [19, 20], 19, id="records"),
        pytest.param([18, 25, 26], [25, 26], 24, id="records behind it alone"),
        pytest.param([18], None, 19, id="what follows comes with the next chunk"),
    ],
)
def test_a_log_that_has_grown_again_has_records_where_others_were_passed_over(
    tmp_path: Path, found: Sequence[int], admitted: Sequence[int] | None, stands_at: int
) -> None:
    """No record behind the last processed one has been processed."""
    lane = lane_without_kafka(tmp_path)
    lane.start_at(24, Last(18, 1_018), 24)
    chunk = Chunk(SOURCE, 18, found[-1] + 1, [record(offset) for offset in found], lambda: None, 1)
    shown = lane.admit(chunk)
    assert (shown and [each.offset for each in shown.records]) == admitted
    assert (lane.ready, lane.next, lane.reads_from) == (True, stands_at, stands_at)
    if shown is not None:
        first, rest = shown.cut(1)
        assert Unit(lane, first).advances
        assert rest is not None
        assert rest.start == found[2]


async def test_what_a_tick_puts_aside_is_counted_as_what_a_record_does(tmp_path: Path) -> None:
    refused = list[TP]()
    observer: Any = Silent()
    observer.record_refused = refused.append
    lane = Lane(SOURCE, {}, options_in(tmp_path), observer, Refusals(), Share(1), lambda _lane, _error: None)
    unit = Unit(lane, nothing(SOURCE, 0, 0), 1)
    unit.aside = 2
    lane._apply(unit, {}, 0.0)
    assert refused == [SOURCE, SOURCE]


async def test_a_unit_that_is_cancelled_before_it_has_begun_gives_back_what_it_holds(tmp_path: Path) -> None:
    lane, released = lane_without_kafka(tmp_path), list[bool]()
    lane.start_at(0, None, 0)
    unit = Unit(lane, Chunk(SOURCE, 0, 1, [record(0)], lambda: released.append(True)))
    unit.written = 1_000
    lane.start(unit)
    running = lane._running
    assert running is not None
    lane._leave_unit()
    with suppress(asyncio.CancelledError):
        await running
    await asyncio.sleep(0)  # the task's callbacks run
    assert (released, lane._share._held) == ([True], 0)
