"""The worker's composition root: agents, tables and topics of one Faust app."""

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Final, NamedTuple

from bridge import metrics
from bridge.boottime import boottime
from bridge.kafka.client import client_options
from bridge.kafka.words import in_words
from bridge.other_tenants import OtherTenants
from bridge.rules.rules import Recorded
from bridge.settings import Settings
from bridge.tracing import Spans
from processors.dedupe import agent as dedupe
from processors.dedupe.agent import Dedupe
from processors.dedupe.decision import Seen
from processors.dedupe.raw_event import RawReader
from processors.dedupe.redeliveries import AGAIN
from processors.engine.changes import Changes
from processors.engine.expiry import Expiry
from processors.engine.options import EngineOptions
from processors.engine.overrides.app import LaneApp
from processors.engine.refusals import RefusalsByLane
from processors.engine.rival import Rival
from processors.engine.unit import RECORD_OVERHEAD
from processors.orders import table as orders
from processors.orders.agent import Orders
from processors.orders.apply import OrderRules
from processors.orders.beginning import Beginning, FirstRecord, Remembered
from processors.orders.order_rules import History, Patience
from processors.orders.sweep import CaughtUp
from processors.orders.too_large import most_bytes
from processors.orders.upgrade import RawEvents
from processors.worker import observe
from processors.worker.delays import delays
from processors.worker.open_outputs import OpenOutputs
from processors.worker.passed_over import PassedOver
from processors.worker.shapes import Sample, ShapeCheck
from processors.worker.unlisted_events import UnlistedEvents
from schemas.keytable import KeyTable
from schemas.outcome import Outcome, Reason

_MS: Final = timedelta(milliseconds=1)


class RawLookups(NamedTuple):
    """Look-ups in Kafka for judging orders: how far all workers have come with raw, what raw records hold, and when the
    first of them was received."""

    caught_up: CaughtUp
    raw: RawEvents
    first: FirstRecord


class ProcessState(NamedTuple):
    """What a process keeps from one app to the next: since when raw has records, changes asked of orders, tracing of
    units, events of other tenants and unlisted ones, refused and passed-over records, transactions that stay open on
    its outputs, and another process with its instance id."""

    beginning: Beginning
    changes: Changes
    spans: Spans
    tenants: OtherTenants
    unlisted: UnlistedEvents
    refusals: RefusalsByLane
    passed_over: PassedOver
    open_outputs: OpenOutputs
    rival: Rival


def build_app(settings: Settings, recorded: Recorded, lookups: RawLookups, process: ProcessState) -> LaneApp:
    """A Faust app that is ready to start. `recorded`: the rules in force. Call it on the event loop that will run the
    app."""
    topics = settings.topics
    app = LaneApp(
        engine_options(settings, migrations=len(recorded.epochs)),
        sources={topics.raw: (dedupe.TABLE,), topics.orders: (orders.TABLE,)},
        changelogs={dedupe.TABLE: topics.dedupe_changelog, orders.TABLE: topics.orders_changelog},
        partitions=settings.partitions,
        observer=observe.MetricsObserver(process.spans, process.passed_over),
        refusals=process.refusals,
        rival=process.rival,
    )
    on_commit = _on_commit(settings.shape_sample, process.tenants, process.unlisted)
    dedupe_handler = raw_handler(settings, recorded.key_table, on_commit)
    app.handle(topics.raw, "dedupe", dedupe_handler, rest=0.5)  # a small transaction costs far more than its records
    remembered = None if settings.orders_since else Remembered(process.beginning, lookups.first)
    rules = order_rules(settings, process.beginning)
    orders_handler = Orders(topics, rules, lookups.caught_up, lookups.raw, remembered, process.changes, _now_ms)
    app.handle(topics.orders, "orders", orders_handler, rest=2.0)  # a unit writes an order's document once
    return app


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def raw_handler(settings: Settings, table: KeyTable, on_commit: dedupe.OnCommit) -> Dedupe:
    """The handler of raw records by the rules of `table`. `on_commit` gets each committed chunk."""
    return Dedupe(
        RawReader(settings.tenant, table),
        settings.topics,
        table,
        settings.partitions,
        _retention_ms(settings),
        on_commit,
    )


def order_rules(settings: Settings, beginning: Beginning | None = None) -> OrderRules:
    """The rules of orders by the settings; `beginning` counts where the settings do not say since when."""
    since = settings.orders_since
    return OrderRules(
        frozenset(settings.events),
        settings.late_after // _MS,
        None if since is None else History.before(since, settings.history_window),
        Patience(
            opened=settings.stalled_opened // _MS,
            captured=settings.stalled_captured // _MS,
            refunded=settings.stalled_refunded // _MS,
            completed=settings.stalled_completed // _MS,
            handed_over=settings.stalled_handed_over // _MS,
        ),
        beginning,
        settings.order_retention // _MS,
        withholds_customer=not settings.order_state_customer,
        document_bytes=most_bytes(settings.max_message_bytes - RECORD_OVERHEAD),
        writes_lines=settings.order_lines,
    )


def _on_commit(shape_sample: float, tenants: OtherTenants, unlisted: UnlistedEvents) -> dedupe.OnCommit:
    shapes = ShapeCheck(Sample(shape_sample, Random())) if shape_sample else None  # noqa: S311 - a statistic  # nosec B311

    def on_commit(processed: dedupe.Processed, records: Sequence[Any]) -> None:
        observe.count_events(processed, time.time())
        now = time.monotonic()
        _tell_tenants(tenants, processed, now)
        unlisted.came(now, (name for name, _ in processed.counted))
        metrics.sampled_delay_seconds.observe_many(delays(records))
        if shapes is not None:
            shapes.take(records)

    return on_commit


def _tell_tenants(tenants: OtherTenants, processed: dedupe.Processed, now: float) -> None:
    if processed.quarantined[Reason.OTHER_TENANT]:
        tenants.other(now)
    if any(outcome is not Outcome.QUARANTINED for _, outcome in processed.counted):
        tenants.own(now)


def engine_options(settings: Settings, migrations: int = 0) -> EngineOptions:
    """The engine's options by the settings. `migrations`: how many there were; only a migration deletes keys before
    their time."""
    topics = settings.topics
    expiry = Expiry(_retention_ms(settings), Seen.time_of, (AGAIN,), migrations)
    return EngineOptions(
        group_id=settings.group_id,
        client=client_options(settings),
        data_dir=settings.worker_data_dir,
        outputs=(*topics.cleaned.values(), *settings.state_topics, topics.conflicts, topics.quarantine),
        advertised_url=settings.worker_advertised_url,
        expiry={dedupe.TABLE: expiry},
        queues={orders.TABLE: (orders.DUE,)},
        instance_id=settings.worker_instance_id,
        session_timeout=settings.session_timeout.total_seconds(),
        transaction_timeout=settings.transaction_timeout.total_seconds(),
        chunk_records=settings.chunk_records,
        chunk_bytes=settings.chunk_bytes,
        max_record_bytes=settings.max_message_bytes,
        compression=settings.compression_type,
        in_words=partial(in_words, settings=settings),
        clock=boottime,
    )


def _retention_ms(settings: Settings) -> int:
    return settings.dedupe_retention // _MS
