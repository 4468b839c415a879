"""Gauges that nobody tells about changes must not keep what is no longer so."""

import os
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import orjson
import pytest
from faust.types import TP

from bridge.metrics import worker
from bridge.tracing import NoSpans
from processors.dedupe.agent import Processed
from processors.engine.log_ends import LogBounds
from processors.engine.observer import LaneState
from processors.engine.outages import Unanswered
from processors.engine.overrides.metadata import Broker
from processors.engine.position import Position
from processors.worker import observe
from processors.worker.passed_over import PassedOver
from schemas.outcome import Outcome, Reason
from schemas.topics import Topics


def lanes(**totals: int) -> dict[TP, Any]:
    """One lane of an orders partition whose totals row is this."""
    table = SimpleNamespace(key_count=3, unread=2, get=lambda _key: orjson.dumps(totals))
    return {TP("orders", 0): SimpleNamespace(next=4, ready=True, tables={"orders": table})}


ORDERS = TP("orders", 0)
BOUNDS = LogBounds(begin=0, stable_end=9, high_watermark=12, leader=Broker(1, "kafka-1", 9092), leader_epoch=0)
SOURCE = {"topic": "orders", "partition": "0"}


COUNTS = ("provisional", "incomplete", "stalled", "partial_history", "waiting_events", "of_older_rules")


def value(name: str, **labels: str) -> float | None:
    return worker.registry.get_sample_value(name, labels)


def orders_told() -> set[float | None]:
    return {value("bridge_orders", status="open"), *(value(f"bridge_orders_{name}") for name in COUNTS)}


def test_a_lane_whose_tables_cannot_be_read_is_named_and_the_others_are_looked_at() -> None:
    broken, whole = lanes(), lanes(**{"status:open": 2, "provisional": 1})
    rotten = OSError("block checksum mismatch")

    def fails(_key: bytes) -> bytes:
        raise rotten

    [lane] = broken.values()
    lane.tables["orders"].get = fails
    [other] = whole.values()
    assert observe.refresh({ORDERS: lane, TP("orders", 1): other}, {}, {}) == {ORDERS: rotten}
    assert value("bridge_orders", status="open") == 2
    assert value("bridge_orders_of_older_rules") is None, "nobody knows"
    assert value("bridge_table_keys", table="orders") == 3, "of the other one only"


def test_a_status_that_no_order_has_any_more_goes_back_to_zero() -> None:
    observe.refresh(lanes(**{"status:open": 2, "provisional": 1}), {ORDERS: BOUNDS}, {ORDERS: 5})
    assert value("bridge_orders", status="open") == 2
    observe.refresh(lanes(**{"status:completed": 2}), {}, {})
    assert value("bridge_orders", status="open") == 0
    assert value("bridge_orders", status="completed") == 2
    assert value("bridge_orders_provisional") == 0


def test_orders_are_counted_by_what_they_wait_for() -> None:
    counts = {"provisional": 5, "incomplete": 4, "stalled": 3, "partial_history": 2}
    observe.refresh(lanes(**counts), {}, {})
    assert {name: value(f"bridge_orders_{name}") for name in counts} == counts
    observe.refresh(lanes(), {}, {})
    assert {value(f"bridge_orders_{name}") for name in counts} == {0}


def test_what_is_known_of_a_source_is_told_and_nothing_where_nobody_knows() -> None:
    observe.source_logs({ORDERS: BOUNDS}, {ORDERS: 5})
    assert value("bridge_consumer_lag_events", **SOURCE) == 5
    assert value("bridge_source_last_stable_offset", **SOURCE) == 9
    assert value("bridge_source_high_watermark_offset", **SOURCE) == 12
    assert value("bridge_source_partitions_unanswered") == 0
    observe.source_logs({ORDERS: Unanswered("it has no leader", None)}, {})
    assert value("bridge_consumer_lag_events", **SOURCE) is None
    assert value("bridge_source_last_stable_offset", **SOURCE) is None
    assert value("bridge_source_high_watermark_offset", **SOURCE) is None
    assert value("bridge_source_partitions_unanswered") == 1


def test_what_a_recovery_has_still_to_read_is_told_before_its_lane_runs() -> None:
    opening = lanes()
    opening[TP("orders", 0)].ready = False
    observe.refresh(opening, {}, {})
    assert value("bridge_recovery_remaining_records", table="orders") == 2
    assert value("bridge_recovery_remaining_records", table="seen") is None, "it has no lane of that table"
    assert value("bridge_table_keys", table="orders") is None


def test_a_recovery_that_has_not_begun_is_not_one_that_has_nothing_left_to_read() -> None:
    opening = lanes()
    opening[ORDERS].ready, opening[ORDERS].tables["orders"].unread = False, 0
    observe.refresh(opening, {}, {})
    assert value("bridge_recovery_remaining_records", table="orders") is None
    opening[ORDERS].ready = True
    observe.refresh(opening, {}, {})
    assert value("bridge_recovery_remaining_records", table="orders") == 0


def test_orders_are_not_counted_as_none_while_their_lanes_are_opened() -> None:
    """After an upgrade, somebody may wait until no order is of older rules: a 0 would only mean that the worker starts.
    And a worker without a lane would have 0 incomplete orders."""
    opening, opened = lanes(**{"status:open": 5}), lanes(**{"status:open": 2, "rules:3": 2})
    opening[ORDERS].ready = False
    observe.refresh(opening, {}, {})
    assert orders_told() == {None}
    opening[TP("orders", 1)] = opened[ORDERS]
    observe.refresh(opening, {}, {})
    assert value("bridge_orders", status="open") == 2, "of the other one only"
    assert value("bridge_orders_incomplete") == value("bridge_orders_stalled") == 0, "of the other one only"
    assert value("bridge_orders_of_older_rules") is None, "there may be more"
    observe.refresh(opened, {}, {})
    assert value("bridge_orders_of_older_rules") == 2
    observe.refresh({}, {}, {})
    assert orders_told() == {None}


def test_a_partition_that_was_taken_away_leaves_nothing_behind() -> None:
    observer = observe.MetricsObserver(NoSpans(), PassedOver())
    observer.lane_state(TP("orders", 0), LaneState.READY)
    observe.refresh(lanes(**{"status:open": 2}), {}, {})
    observer.lane_state(TP("orders", 0), LaneState.CLOSED)
    observe.refresh({}, {}, {})
    assert value("bridge_lane_state", topic="orders", partition="0", state="ready") is None
    assert value("bridge_consumer_lag_events", topic="orders", partition="0") is None
    assert value("bridge_source_partitions_unanswered") is None, "it has none to ask about"
    assert value("bridge_table_keys", table="orders") is None
    assert value("bridge_recovery_remaining_records", table="orders") is None
    assert orders_told() == {None}


def test_a_transaction_without_records_says_nothing_about_how_many_one_has() -> None:
    def counts() -> tuple[float, float]:
        return value("bridge_transaction_seconds_count") or 0, value("bridge_chunk_events_count") or 0

    observer = observe.MetricsObserver(NoSpans(), PassedOver())
    transactions, sizes = counts()
    observer.unit_committed(ORDERS, [object()] * 3, 0.1)
    observer.unit_committed(ORDERS, [], 0.1)
    assert counts() == (transactions + 2, sizes + 1)


def test_the_latest_event_of_the_raw_lanes_is_known_from_their_tables() -> None:
    """The time is known after a restart, too, but not while no table is open."""

    def raw_lanes(*timestamps: int | None, ready: bool = True) -> dict[TP, Any]:
        tables = [SimpleNamespace(key_count=0, unread=0, position=Position(1, 0, each)) for each in timestamps]
        found = [SimpleNamespace(ready=ready, tables={"seen": table}) for table in tables]
        return {TP("raw", number): lane for number, lane in enumerate(found)}

    for timestamps, expected in (((5_000, 7_500), 7.5), ((None, 5_000), 5), ((None,), None), ((), None)):
        observe.refresh(raw_lanes(*timestamps), {}, {})
        assert value("bridge_last_event_timestamp_seconds") == expected
    observe.refresh(raw_lanes(5_000, ready=False), {}, {})
    assert value("bridge_last_event_timestamp_seconds") is None


def test_a_lane_that_gets_on_or_has_nothing_to_do_stands_still_for_no_time() -> None:
    observe.standstill([ORDERS, TP("orders", 1)], {ORDERS: 61.5}, {})
    assert value("bridge_lane_standstill_seconds", **SOURCE) == 61.5
    assert value("bridge_lane_standstill_seconds", topic="orders", partition="1") == 0
    observe.standstill([], {}, {})
    assert value("bridge_lane_standstill_seconds", **SOURCE) is None


def test_the_room_for_tables_is_told_once_their_directory_is_there(tmp_path: Path) -> None:
    observe.disk(tmp_path / "not yet")
    assert value("bridge_data_free_bytes") is value("bridge_data_size_bytes") is None
    observe.disk(tmp_path)
    assert 0 < (value("bridge_data_free_bytes") or 0) <= (value("bridge_data_size_bytes") or 0)


@pytest.mark.parametrize(
    ("files", "inodes", "free"),
    [(250, 0, 0), (250, 1, 95 * 4096), (0, 0, 95 * 4096)],
    ids=["none is left", "one is left", "nobody counts them"],
)
def test_a_disk_without_inodes_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, inodes: int, free: int
) -> None:
    """No new file can be written to it, whatever bytes it has."""
    usage = SimpleNamespace(f_frsize=4096, f_blocks=100, f_bfree=97, f_bavail=95, f_files=files, f_favail=inodes)
    monkeypatch.setattr(os, "statvfs", lambda _directory: usage)
    observe.disk(tmp_path)
    assert value("bridge_data_free_bytes") == free
    assert value("bridge_data_size_bytes") == 100 * 4096


def test_a_disk_that_fails_is_logged_and_nothing_is_known_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_directory: Path) -> None:
        raise OSError(5, "Input/output error")

    observe.disk(tmp_path)
    monkeypatch.setattr(observe, "log", log := MagicMock())
    monkeypatch.setattr(os, "statvfs", fails)
    observe.disk(tmp_path)
    assert value("bridge_data_free_bytes") is value("bridge_data_size_bytes") is None
    assert "Input/output error" in log.warning.call_args.kwargs["error"]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        *(("events", {"event": event, "outcome": each}) for event in ("order.opened", "other") for each in Outcome),
        *(("purged_rows", {"table": table}) for table in ("seen", "orders")),
        *(("recovery_records", {"table": table}) for table in ("seen", "orders")),
        *(("handler_failures", {"topic": f"newstore.{topic}.v1"}) for topic in ("raw", "orders")),
    ],
    ids=str,
)
def test_what_is_counted_has_a_series_before_the_first_one(name: str, labels: dict[str, str]) -> None:
    """Prometheus sees no increase from no series to one: panels showed nothing of a first failure."""
    observe.expect_topics(Topics("newstore"))
    assert value(f"bridge_{name}_total", **labels) is not None


def test_what_is_put_into_quarantine_is_counted_by_reason() -> None:
    def counts() -> list[float]:
        return [value("bridge_quarantined_total", reason=reason) or 0 for reason in ("invalid_json", "handler_failed")]

    before = counts()
    assert value("bridge_quarantined_total", reason="too_deep") is not None, "a series before the first record"
    observe.count_events(Processed(quarantined=Counter({Reason.INVALID_JSON: 2})), 0.0)
    observe.MetricsObserver(NoSpans(), PassedOver()).record_refused(ORDERS)
    assert counts() == [before[0] + 2, before[1] + 1]


def test_records_that_are_passed_over_count_once_however_often_a_lane_is_opened() -> None:
    passed = PassedOver()
    observer = observe.MetricsObserver(NoSpans(), passed)
    assert passed.problem() is None
    for offsets in (range(10, 20), range(10, 20), range(10, 25), range(30, 31)):
        observer.passed_over(TP("raw", 7), offsets)
    assert value("bridge_lane_passed_over_records_total", topic="raw", partition="7") == 16
    for partition in range(12):
        observer.passed_over(TP("raw", partition), range(1))
    assert (passed.problem() or "").endswith("raw/7 10 to 24, raw/7 30 to 30, and 4 more")


def test_what_was_processed_between_two_ranges_is_not_said_to_be_passed_over() -> None:
    """Whoever has records brought again goes by these offsets."""
    passed, tp = PassedOver(), TP("raw", 7)
    told = (range(10, 20), range(30, 31), range(30, 35), range(50, 60), range(12, 22), range(22, 24), range(55, 58))
    assert [passed.told(tp, offsets) for offsets in told] == [10, 1, 4, 10, 2, 2, 0]
    assert (passed.problem() or "").endswith("behind them: raw/7 10 to 23, raw/7 30 to 34, raw/7 50 to 59")
    assert passed.told(tp, range(20, 60)) == 21
    assert (passed.problem() or "").endswith("behind them: raw/7 10 to 59")
