"""Gauges that nobody tells about changes: they must not keep what is no longer so."""

from types import SimpleNamespace
from typing import Any

import orjson
from faust.types import TP

from bridge.metrics import worker_registry
from processors import observe
from processors.engine.observer import LaneState


def lanes(**totals: int) -> Any:
    """Lanes with one orders partition whose totals row is this."""
    table = SimpleNamespace(key_count=3, unread=2, get=lambda _key: orjson.dumps(totals))
    lane = SimpleNamespace(next=4, ready=True, tables={"orders": table})
    return SimpleNamespace(assigned=lambda: {TP("orders", 0): lane})


def value(name: str, **labels: str) -> float | None:
    return worker_registry.get_sample_value(name, labels)


def test_a_status_that_no_order_has_any_more_goes_back_to_zero() -> None:
    observe.refresh(lanes(**{"status:open": 2, "provisional": 1}), {TP("orders", 0): 9})
    assert value("bridge_orders", status="open") == 2
    assert value("bridge_consumer_lag_events", topic="orders", partition="0") == 5
    observe.refresh(lanes(**{"status:completed": 2}), {TP("orders", 0): 4})
    assert value("bridge_orders", status="open") == 0
    assert value("bridge_orders", status="completed") == 2
    assert value("bridge_orders_provisional") == 0


def test_what_a_recovery_has_still_to_read_is_told_before_its_lane_runs() -> None:
    opening = lanes()
    opening.assigned()[TP("orders", 0)].ready = False
    observe.refresh(opening, {})
    assert value("bridge_recovery_remaining_records", table="orders") == 2
    assert value("bridge_recovery_remaining_records", table="seen") == 0
    assert value("bridge_table_keys", table="orders") == 0


def test_a_partition_that_was_taken_away_leaves_nothing_behind() -> None:
    observer = observe.MetricsObserver()
    observer.lane_state(TP("orders", 0), LaneState.READY)
    observe.refresh(lanes(**{"status:open": 2}), {})
    observer.lane_state(TP("orders", 0), LaneState.CLOSED)
    observe.refresh(SimpleNamespace(assigned=dict), {})  # type: ignore[arg-type] # takes the lanes' place
    assert value("bridge_lane_state", topic="orders", partition="0", state="ready") is None
    assert value("bridge_consumer_lag_events", topic="orders", partition="0") is None
    assert value("bridge_table_keys", table="orders") == 0
    assert value("bridge_recovery_remaining_records", table="orders") == 0
    assert value("bridge_orders", status="open") == 0
