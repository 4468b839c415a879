"""The watch over the lanes, with a Kafka and lanes that say what the tests want."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Collection
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from aiokafka.structs import TopicPartition
from faust.types import TP

from bridge.metrics import worker
from processors.engine.errors import TableDamagedError, TableError
from processors.engine.lanes import Closing
from processors.engine.log_ends import LogBounds
from processors.engine.observer import LaneState
from processors.engine.overrides.metadata import Broker
from processors.worker import lane_health, standstill
from processors.worker import lane_watch as module
from processors.worker.lane_watch import LaneWatch

LANE = TP("orders", 0)
BEHIND = LogBounds(begin=0, stable_end=9, high_watermark=9, leader=Broker(2, "kafka-2", 9092), leader_epoch=1)


class Ends:
    """A stand-in for `LogEnds` that tells the same of every partition."""

    def __init__(self, _client: object, _topics: Collection[str]) -> None:
        self.closed = False

    async def bounds(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, LogBounds]:
        return dict.fromkeys(partitions, BEHIND)

    async def outages(self, _topics: Collection[str]) -> list[str]:
        return []

    async def lineages(self, topics: Collection[str]) -> dict[str, str]:
        return dict.fromkeys(topics, "cluster/topic")

    async def close(self) -> None:
        self.closed = True


class Lost(Ends):
    async def outages(self, _topics: Collection[str]) -> list[str]:
        raise ValueError("nobody expects this")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.001)
    monkeypatch.setattr(module, "LogEnds", Ends)


def lanes(restarted: list[TP], follow: Callable[[dict[TP, int]], None] = lambda _leaders: None, **stands: Any) -> Any:
    """An app with one lane, which stands at offset 4 unless ``stands`` says otherwise. Its consumer is told of leaders
    by ``follow``. Its handler has no ticks."""
    lane = SimpleNamespace(
        **{"state": LaneState.READY, "ready": True, "next": 4, "found_start": True, "tables": {}, **stands}
    )
    handled = SimpleNamespace(
        assigned=lambda: {LANE: lane},
        options=SimpleNamespace(client={}),
        restart=restarted.extend,
        compare=lambda _lineages: None,
        ticks=Counter(),
        closing=None,
        is_reassigning=False,
        opened_at=0.0,
    )
    return SimpleNamespace(lanes=handled, readings=dict, topics_needed=frozenset(), follow=follow, ticking={})


def of_lane(metric: str) -> float | None:
    return worker.registry.get_sample_value(metric, {"topic": "orders", "partition": "0"})


def lag() -> float | None:
    return of_lane("bridge_consumer_lag_events")


def end() -> float | None:
    return of_lane("bridge_source_last_stable_offset")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_lane_that_gets_nowhere_is_opened_anew_once_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standstill, "STANDSTILL_S", 0.05)
    restarted: list[TP] = []
    async with asyncio.timeout(30):
        assert await LaneWatch(lanes(restarted), lambda: None).run() == [LANE]
    assert restarted == [LANE]


def closes_for_ever() -> Any:
    """An app whose lane is being closed, and no longer assigned."""
    app = lanes([])
    app.lanes.assigned = dict
    app.lanes.closing = Closing([LANE], time.monotonic())
    return app


async def test_lanes_that_cannot_be_closed_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standstill, "STANDSTILL_S", 0.05)
    async with asyncio.timeout(30):
        assert await LaneWatch(closes_for_ever(), lambda: None).run() == [LANE]


async def test_what_it_told_is_gone_when_it_ends() -> None:
    """Others have its partitions by then: sums over all workers would count twice."""

    def told() -> list[float | None]:
        orders = {"table": "orders"}
        tables = [("bridge_table_keys", orders), ("bridge_recovery_remaining_records", orders)]
        return [worker.registry.get_sample_value(*each) for each in (*tables, ("bridge_orders_stalled", {}))]

    table = SimpleNamespace(key_count=3, unread=2, get=lambda _key: orjson.dumps({"stalled": 1}))
    app = lanes([], tables={"orders": table})
    app.ticking["orders"] = object()
    watch = LaneWatch(app, lambda: None)
    watching = asyncio.create_task(watch.run())
    await until(lambda: lag() == 5 and of_lane("bridge_lane_unticked_seconds") is not None)
    assert told() == [3, 2, 1]
    watching.cancel()
    await asyncio.wait({watching})
    assert watching.cancelled()
    assert lag() is of_lane("bridge_lane_unticked_seconds") is None
    assert told() == [None, None, None]
    assert watch._ends.closed  # type: ignore[attr-defined] # of `Ends`


async def test_a_lane_that_is_taken_away_does_not_end_it() -> None:
    """Kafka was asked for its log before that."""
    app, looks = lanes([]), list[bool]()
    watching = asyncio.create_task(LaneWatch(app, lambda: looks.append(True)).run())
    await until(lambda: lag() == 5)
    app.lanes.assigned, seen = dict, len(looks)
    await until(lambda: watching.done() or len(looks) > seen + 1)
    assert not watching.done()
    assert lag() is None
    watching.cancel()
    await asyncio.wait({watching})


async def test_a_lane_that_has_not_found_its_start_is_not_the_whole_log_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_health, "STANDING_S", 0.02)
    opening = lanes([], state=LaneState.OPENING, ready=False, next=0, found_start=False)
    watch = LaneWatch(opening, lambda: None)
    watching = asyncio.create_task(watch.run())
    await until(lambda: watch.problem() is not None and end() is not None)
    assert lag() is None
    assert re.match(r"orders/0: nobody knows how far behind and nothing committed for \d+ s", watch.problem() or "")
    opening.lanes.assigned()[LANE].__dict__.update(state=LaneState.READY, ready=True, next=4, found_start=True)
    await until(lambda: lag() == 5)
    watching.cancel()
    await asyncio.wait({watching})


async def test_one_that_has_not_found_its_start_is_given_up_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown lag is no outage."""
    monkeypatch.setattr(standstill, "STANDSTILL_S", 0.05)
    opening = lanes([], state=LaneState.OPENING, ready=False, next=0, found_start=False)
    async with asyncio.timeout(30):
        assert await LaneWatch(opening, lambda: None).run() == [LANE]


async def test_a_lane_whose_ticks_do_not_come_through_is_told_until_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane is idle, and nothing else is wrong with it."""
    monkeypatch.setattr(lane_health, "UNTICKED_S", 0.02)
    app = lanes([], next=9)
    watch = LaneWatch(app, lambda: None)
    watching = asyncio.create_task(watch.run())
    await until(lambda: lag() == 0)
    assert watch.problem() is None
    app.ticking["orders"] = object()
    await until(
        lambda: re.search(r"orders/0: nothing that is due was done for \d+ s", watch.problem() or "") is not None
    )
    monkeypatch.setattr(lane_health, "UNTICKED_S", 30)
    app.lanes.ticks[LANE] += 1
    await until(lambda: watch.problem() is None)
    watching.cancel()
    await asyncio.wait({watching})


def test_for_how_long_no_tick_has_come_through_is_a_metric_of_each_lane_that_has_any() -> None:
    """Nothing else shows it: the lane is ready, and nothing waits."""
    app = lanes([], next=9)
    watch = LaneWatch(app, lambda: None)
    watch._logs = {LANE: BEHIND}
    told = list[float | None]()
    for now in range(5):
        if now == 1:
            app.ticking["orders"] = object()
        app.lanes.ticks[LANE] += now == 4
        watch._look(float(now))
        told.append(of_lane("bridge_lane_unticked_seconds"))
    assert told == [None, 0, 1, 2, 0]


def test_in_a_group_that_is_rebalanced_all_the_time_what_stands_still_is_told_and_not_given_up() -> None:
    """A lane gets nowhere by coming back to the worker. It is opened anew each time."""
    app, told = lanes(restarted := list[TP]()), list[str | None]()
    app.ticking["orders"], assigned = object(), app.lanes.assigned()
    app.lanes.assigned = lambda: {} if app.lanes.is_reassigning else assigned
    watch = LaneWatch(app, lambda: None)
    watch._logs = {LANE: BEHIND}
    for now in range(200):
        app.lanes.is_reassigning, app.lanes.opened_at = now % 40 > 35, float(now // 40)
        assert watch._look(float(now)) == []
        told.append(watch.problem())
        for metric in ("bridge_lane_standstill_seconds", "bridge_lane_unticked_seconds"):
            assert (of_lane(metric) is None) == app.lanes.is_reassigning
    assert restarted == []
    assert re.match(r"orders/0: 5 .* committed for 190 s .*; orders/0: nothing that is due .* 190 s", told[190] or "")
    assert told[199] is None  # others may have it now


def test_one_that_others_have_had_for_long_is_not_told_of_that_time() -> None:
    app = lanes(list[TP]())
    app.ticking["orders"], assigned = object(), app.lanes.assigned()
    app.lanes.assigned = lambda: {} if app.lanes.is_reassigning else assigned
    watch = LaneWatch(app, lambda: None)
    watch._logs = {LANE: BEHIND}
    for now in range(400):
        app.lanes.is_reassigning, app.lanes.opened_at = 10 < now < 300, float(now > 10)
        watch._look(float(now))
        assert watch.problem() is None or now > 300 + lane_health.STANDING_S
    assert watch.problem() is not None


@pytest.mark.parametrize(
    ("error", "fails", "said"),
    [
        (OSError("no such device"), TableError, "orders/0: a table cannot be read: no such device"),
        (TableDamagedError("orders/0 is damaged"), TableDamagedError, "orders/0 is damaged"),
    ],
)
async def test_a_lane_whose_table_cannot_be_read_fails_and_the_watch_goes_on(
    error: Exception, fails: type[Exception], said: str
) -> None:
    """That lane is opened anew, or halts. If the watch ended, so would the app, with all of its lanes."""
    failed = list[BaseException]()

    def unreadable(_key: bytes) -> bytes:
        raise error

    table = SimpleNamespace(key_count=1, unread=0, get=unreadable)
    watching = asyncio.create_task(
        LaneWatch(lanes([], tables={"orders": table}, fail=failed.append), lambda: None).run()
    )
    await until(lambda: len(failed) > 1)
    assert not watching.done()
    watching.cancel()
    await asyncio.wait({watching})
    assert (type(failed[0]), str(failed[0])) == (fails, said)


async def test_the_group_consumer_is_told_who_leads() -> None:
    told: list[dict[TP, int]] = []
    watching = asyncio.create_task(LaneWatch(lanes([], told.append), lambda: None).run())
    await until(lambda: bool(told))
    watching.cancel()
    await asyncio.wait({watching})
    assert told[0] == {LANE: 2}


async def test_the_lanes_are_told_which_topics_there_are() -> None:
    """Otherwise nobody would notice that a topic was made anew, whose records are not those of the rows."""
    told: list[dict[str, str]] = []
    app = lanes([])
    app.topics_needed, app.lanes.compare = frozenset({"orders"}), told.append
    watching = asyncio.create_task(LaneWatch(app, lambda: None).run())
    await until(lambda: bool(told))
    watching.cancel()
    await asyncio.wait({watching})
    assert told[0] == {"orders": "cluster/topic"}


async def test_it_does_not_go_on_when_nobody_asks_kafka_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LogEnds", Lost)
    async with asyncio.timeout(30):
        with pytest.raises(ValueError, match="nobody expects this"):
            await LaneWatch(lanes([]), lambda: None).run()
