"""Keeps the worker's metrics, from what the engine and the agents report."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, get_args

from faust.types import TP

from bridge import metrics
from bridge.log import get_logger
from bridge.metrics.service import event_label
from bridge.tracing import Spans
from processors.dedupe import agent as dedupe
from processors.dedupe.agent import Processed
from processors.engine.lane import Lane
from processors.engine.log_ends import LogBounds
from processors.engine.observer import LaneState
from processors.engine.outages import Unanswered
from processors.orders import table as orders
from processors.worker.passed_over import PassedOver
from schemas.events import EVENT_NAMES
from schemas.order_state import OrderStatus
from schemas.outcome import Outcome, Reason
from schemas.topics import Topics

_LOOK_S: Final = 1.0

log = get_logger(__name__)

# All series exist from the start: for Prometheus, a series that begins above 0 did not increase.
_QUARANTINED: Final = {reason: metrics.quarantined_total.labels(reason) for reason in Reason}
for _event, _outcome in product((*EVENT_NAMES, "other"), Outcome):
    metrics.events_total.labels(_event, _outcome)
for _table in (dedupe.TABLE, orders.TABLE):
    metrics.purged_rows_total.labels(_table)
    metrics.recovery_records_total.labels(_table)

_ORDERS: Final = {
    metrics.orders_provisional: "provisional",
    metrics.orders_incomplete: "incomplete",
    metrics.orders_stalled: "stalled",
    metrics.orders_partial_history: "partial_history",
    metrics.orders_waiting_events: orders.WAITING,
}
"""What each of these gauges counts, by its name in a lane's totals."""


def expect_topics(topics: Topics) -> None:
    """Have the series exist that the names of topics tell."""
    for topic in (topics.raw, topics.orders):
        metrics.handler_failures_total.labels(topic)


class MetricsObserver:
    """An engine observer that keeps the metrics. ``refresh`` updates those that nobody reports."""

    def __init__(self, spans: Spans, passed_over: PassedOver) -> None:
        self._spans, self._passed_over = spans, passed_over

    def lane_state(self, tp: TP, state: LaneState) -> None:
        """See engine.observer."""
        for known in LaneState:
            if state is LaneState.CLOSED:  # from now on another worker may have it
                metrics.lane_state.remove(tp.topic, tp.partition, known)
            else:
                metrics.lane_state.labels(tp.topic, tp.partition, known).set(known is state)

    def unit_committed(self, tp: TP, records: Sequence[Any], seconds: float) -> None:
        """See engine.observer."""
        metrics.transaction_seconds.observe(seconds)
        if records:
            metrics.chunk_events.observe(len(records))
        self._spans.unit(tp.topic, tp.partition, records, seconds)

    def record_refused(self, tp: TP) -> None:
        """See engine.observer."""
        metrics.handler_failures_total.labels(tp.topic).inc()
        _QUARANTINED[Reason.HANDLER_FAILED].inc()

    def passed_over(self, tp: TP, offsets: range) -> None:
        """See engine.observer."""
        new = self._passed_over.told(tp, offsets)
        metrics.lane_passed_over_records_total.labels(tp.topic, tp.partition).inc(new)

    def purged(self, table: str, rows: int) -> None:
        """See engine.observer."""
        metrics.purged_rows_total.labels(table).inc(rows)

    def recovered(self, table: str, rows: int, seconds: float) -> None:
        """See engine.observer."""
        metrics.recovery_seconds.set(seconds)
        metrics.recovery_records_total.labels(table).inc(rows)


def count_events(processed: Processed, now: float) -> None:
    """Count the records of a committed chunk of raw; ``now`` in seconds since 1970."""
    for (name, outcome), number in processed.counted.items():
        metrics.events_total.labels(event_label(name), outcome).inc(number)
    for reason, number in processed.quarantined.items():
        _QUARANTINED[reason].inc(number)
    metrics.end_to_end_seconds.observe_many(max(0.0, now - received / 1000) for received in processed.received_ms)


class _Contents(NamedTuple):
    """What is known of the rows of lanes."""

    keys: Counter[str]
    totals: Counter[str]
    latest: set[int]
    """When the last event of each lane was received (ms)."""


def refresh(
    lanes: Mapping[TP, Lane], logs: Mapping[TP, LogBounds | Unanswered], lags: Mapping[TP, int]
) -> Mapping[TP, Exception]:
    """Set table sizes and order counts from the assigned lanes, and what is known of their source partitions; without
    lanes once nobody looks any more.

    A number that is not known must not look like a fact. So there is no series for a partition whose end is not known,
    no lag for a lane that has not found its start, no number of rows or orders without an open lane, and none of older
    rules until all lanes are open. Returns the lanes whose tables cannot be read, with the error: they count as not
    ready.
    """
    source_logs(logs, lags)
    keys, totals, latest = _Contents(Counter(), Counter(), set())
    unread: Counter[str] = Counter()
    unreadable: dict[TP, Exception] = {}
    for tp, lane in lanes.items():
        for name, table in lane.tables.items():
            if lane.ready or table.unread:  # else its recovery has not begun, or waits for the other table's
                unread[name] += table.unread
        try:
            found = _contents(lane)
        except Exception as error:  # noqa: BLE001 - a broken file or row may raise anything
            unreadable[tp] = error
        else:
            keys.update(found.keys)
            totals.update(found.totals)
            latest.update(found.latest)
    metrics.last_event_timestamp_seconds.set(max(latest) / 1000 if latest else None)
    for gauge, known in ((metrics.table_keys, keys), (metrics.recovery_remaining_records, unread)):
        gauge.clear()
        for name, number in known.items():
            gauge.labels(name).set(number)
    _count_orders(totals if orders.TABLE in keys else None)
    all_known = orders.TABLE in keys and not unreadable and all(lane.ready for lane in lanes.values())
    metrics.orders_of_older_rules.set(orders.older_orders(totals) if all_known else None)
    return unreadable


def _count_orders(totals: Counter[str] | None) -> None:
    """Set the numbers of orders in open lanes; None: no lane of orders is open."""
    for gauge, counted in _ORDERS.items():
        gauge.set(None if totals is None else totals[counted])
    metrics.orders.clear()
    if totals is not None:
        for status in get_args(OrderStatus):
            metrics.orders.labels(status).set(totals[f"status:{status}"])


def _contents(lane: Lane) -> _Contents:
    keys, totals, latest = found = _Contents(Counter(), Counter(), set())
    for name, table in lane.tables.items() if lane.ready else ():
        keys[name] += table.key_count
        if name == dedupe.TABLE and (position := table.position) and position.timestamp is not None:
            latest.add(position.timestamp)
        if name == orders.TABLE:
            totals.update(orders.read_totals(table.get(orders.TOTALS_KEY)))
    return found


def source_logs(logs: Mapping[TP, LogBounds | Unanswered], lags: Mapping[TP, int]) -> None:
    """Set what is known of the source partitions' ends; ``lags``: those that are known."""
    gauges = (metrics.consumer_lag_events, metrics.source_high_watermark_offset, metrics.source_last_stable_offset)
    for gauge in gauges:
        gauge.clear()  # also partitions that another worker has by now
    for tp, known in logs.items():
        if isinstance(known, LogBounds):
            for gauge, value in zip(gauges, (lags.get(tp), known.high_watermark, known.stable_end), strict=True):
                if value is not None:
                    gauge.labels(tp.topic, tp.partition).set(value)
    unanswered = sum(isinstance(known, Unanswered) for known in logs.values())
    metrics.source_partitions_unanswered.set(unanswered if logs else None)


def standstill(lanes: Iterable[TP], seconds: Mapping[TP, float], unticked: Mapping[TP, float]) -> None:
    """Set for how long each lane with work has stood still, and for how long no tick has come through. Lanes not in
    ``seconds`` have no work; lanes not in ``unticked`` have no ticks."""
    for gauge in (metrics.lane_standstill_seconds, metrics.lane_unticked_seconds):
        gauge.clear()  # also lanes that another worker has by now
    for tp in lanes:
        metrics.lane_standstill_seconds.labels(tp.topic, tp.partition).set(seconds.get(tp, 0.0))
        if tp in unticked:
            metrics.lane_unticked_seconds.labels(tp.topic, tp.partition).set(unticked[tp])


async def keep_looking_at_disk(directory: Path) -> NoReturn:
    """Look at it for as long as the process runs: it fills while no processor runs, too."""
    while True:
        disk(directory)
        await asyncio.sleep(_LOOK_S)


def disk(directory: Path) -> None:
    """Set the free and total bytes of a directory's file system; not known if the directory is not there yet, or the
    system does not tell."""
    try:
        usage = os.statvfs(directory) if directory.exists() else None
    except OSError as error:
        log.warning("nobody can tell what room the disk has", directory=str(directory), error=str(error))
        usage = None
    metrics.data_free_bytes.set(_free(usage) if usage else None)
    metrics.data_size_bytes.set(usage.f_blocks * usage.f_frsize if usage else None)


def _free(usage: os.statvfs_result) -> int:
    """Free bytes; 0 if the file system counts files and can have no more: each new table needs some."""
    takes_no_file = usage.f_files > 0 and usage.f_favail == 0
    return 0 if takes_no_file else usage.f_bavail * usage.f_frsize
